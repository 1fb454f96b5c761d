/** What is said of a display filter while it is typed: whether it can be used, and which fields a word could become. */
import { FIELDS } from '../../packets/dissect/fields.ts';
import '../../packets/dissect/index.ts';
import { DisplayFilter, FilterError } from '../../packets/filter/index.ts';
import type { DisplayCheck, FieldHint } from '../../shared/api.ts';

const MAX_HINTS = 40;

export function checkDisplayFilter(text: string): DisplayCheck {
  if (text.trim() === '') return { ok: true };
  try {
    new DisplayFilter(text);
    return { ok: true };
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    return { ok: false, message: error.message, offset: error.at, length: error.length };
  }
}

let names: readonly string[] | undefined;

/** Fields that begin with `prefix`, then those that contain it; protocols before their fields. */
export function fieldHints(prefix: string): FieldHint[] {
  names ??= [...FIELDS.keys()].filter((name) => !name.startsWith('_ws.') && name !== 'text').sort();
  const wanted = prefix.toLowerCase();
  const first = names.filter((name) => name.startsWith(wanted));
  const others = wanted.length > 1 ? names.filter((name) => !name.startsWith(wanted) && name.includes(wanted)) : [];
  return [...first, ...others].slice(0, MAX_HINTS).map((name) => {
    const { type, description } = FIELDS.get(name)!;
    return { name, type, description };
  });
}
