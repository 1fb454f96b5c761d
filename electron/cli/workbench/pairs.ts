/** Options of the form NAME=VALUE. */
import { quoted, usageError } from '../options/usage-error.ts';
import { idOf } from './ids.ts';

/** The first "=" parts them: values may have some. */
export function pair(word: string, option: string, form: string): [name: string, value: string] {
  const at = word.indexOf('=');
  if (at < 1 || at === word.length - 1) throw usageError(`${option} takes ${form}, not ${quoted(word)}`);
  return [word.slice(0, at), word.slice(at + 1)];
}

export function typePairs(words: readonly string[]): { program: string; type: string }[] {
  return words.map((word) => {
    const [program, type] = pair(word, '--type', 'PROGRAM=TYPE');
    return { program, type };
  });
}

export function sizePairs(words: readonly string[]): { map: string; maxEntries: number }[] {
  return words.map((word) => {
    const [map, size] = pair(word, '--map-size', 'MAP=N');
    const maxEntries = /^\d{1,10}$/.test(size) ? Number(size) : 0;
    if (maxEntries < 1 || maxEntries > 0xffffffff)
      throw usageError(`--map-size takes MAP=N with a whole number of entries, not ${quoted(word)}`);
    return { map, maxEntries };
  });
}

export function reusePairs(words: readonly string[]): { map: string; id: number }[] {
  return words.map((word) => {
    const [map, id] = pair(word, '--reuse', 'MAP=ID');
    return { map, id: idOf(id, 'map') };
  });
}
