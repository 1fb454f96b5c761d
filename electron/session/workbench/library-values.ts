/** Text of a parameter form or of `--set` → global variables and map entries. Interfaces are looked up by whoever knows them. */
import { XdpeekError } from '../../shared/errors.ts';
import type { LibraryProgram, Parameter } from './library-entries.ts';

/** Values as text that the variables' types read. */
export interface Setting {
  name: string;
  value: string;
}

export interface MapFill {
  map: string;
  key: Uint8Array;
  value: Uint8Array;
  /** An ifindex is in there: it counts in the interface's own network namespace. */
  inNetns: boolean;
}

export interface Filled {
  settings: Setting[];
  fills: MapFill[];
}

const MAX_TEXT = 64 << 10;
const MAC = /^[0-9a-fA-F]{1,2}([:-][0-9a-fA-F]{1,2}){5}$/;

/** @param ifindexOf throws for an interface that is not there. */
export async function fillParameters(
  program: LibraryProgram,
  values: Readonly<Record<string, string>>,
  ifindexOf: (name: string) => Promise<number>,
): Promise<Filled> {
  const known = new Set(program.parameters.map(({ name }) => name));
  for (const name of Object.keys(values))
    if (!known.has(name)) throw unfit(program, `${program.name} has no parameter ${JSON.stringify(name.slice(0, 64))}`);
  const filled: Filled = { settings: [], fills: [] };
  for (const parameter of program.parameters) {
    const given = (values[parameter.name] ?? '').trim();
    const text = given === '' ? (parameter.fallback ?? '') : given;
    if (text === '') {
      if (!parameter.required) continue;
      throw unfit(program, `${program.name} needs ${parameter.name}: ${parameter.help}`);
    }
    if (text.length > MAX_TEXT) throw unfit(program, `${parameter.name} is too long`);
    await fill(program, parameter, text, ifindexOf, filled);
  }
  return filled;
}

async function fill(
  program: LibraryProgram,
  parameter: Parameter,
  text: string,
  ifindexOf: (name: string) => Promise<number>,
  { settings, fills }: Filled,
): Promise<void> {
  const { into, kind, name } = parameter;
  const refuse = (what: string) => unfit(program, `${name} ${what}, not ${JSON.stringify(text.slice(0, 64))}`);
  if (kind === 'mac-pairs') {
    for (const [key, value] of macPairs(text, refuse)) fills.push({ map: mapOf(into), key, value, inNetns: false });
    return;
  }
  if (kind === 'interface') {
    const ifindex = await ifindexOf(text);
    if ('variable' in into) settings.push({ name: into.variable, value: String(ifindex) });
    else fills.push({ map: into.map, key: u32(0), value: u32(ifindex), inNetns: true });
    return;
  }
  if (!('variable' in into)) throw new Error(`${program.name}: ${name} goes into a variable`);
  if (kind === 'mac') settings.push({ name: into.variable, value: hex(macBytes(text, refuse)) });
  else settings.push({ name: into.variable, value: String(numberOf(parameter, text, refuse)) });
}

const mapOf = (into: Parameter['into']) => ('map' in into ? into.map : into.variable);

function numberOf({ min = 0, max = 0xffffffff }: Parameter, text: string, refuse: (what: string) => Error): number {
  const number = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= min && number <= max)) throw refuse(`takes a whole number, ${min} to ${max}`);
  return number;
}

function macBytes(text: string, refuse: (what: string) => Error): Uint8Array {
  if (!MAC.test(text)) throw refuse('takes a MAC address (02:00:00:00:00:01)');
  return Uint8Array.from(text.split(/[:-]/), (part) => Number.parseInt(part, 16));
}

function macPairs(text: string, refuse: (what: string) => Error): [Uint8Array, Uint8Array][] {
  return text
    .split(/[\s,]+/)
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [source, destination, ...more] = pair.split('=');
      if (source === undefined || destination === undefined || more.length > 0)
        throw refuse('takes SOURCE=DESTINATION, MAC addresses, separated by commas');
      return [macBytes(source, refuse), macBytes(destination, refuse)];
    });
}

const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** In the kernel's byte order: little-endian on every machine that xdpeek runs on. */
function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function unfit({ name, parameters }: LibraryProgram, message: string): XdpeekError {
  const all = parameters.map((each) => each.name + (each.required ? ' (required)' : ''));
  const has = all.length === 0 ? `${name} has no parameters.` : `Its parameters: ${all.join(', ')}.`;
  return new XdpeekError({ code: 'EINVAL', message, hint: `${has} 'xdpeek prog library ${name}' explains them.` });
}
