/** Maps that bpftool makes and judges, and the command line `xdpeek map`, for the tests of maps. */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { xdpeek } from '../cli-lib.ts';
import { attempt, run } from './process.ts';

export const PINS = `/sys/fs/bpf/xdp-maps-${process.pid}`;
/** Folder below xdpeek's own. */
export const OWN = `maps${process.pid}`;

export const bpftool = async <T>(...args: string[]) => JSON.parse(await run('bpftool', ['-j', ...args])) as T;
export const pin = (name: string) => `${PINS}/${name}`;
export const u32 = (value: number) => new Uint8Array(new Uint32Array([value]).buffer);

export const makePins = () => mkdirSync(PINS);
export function removePins(): void {
  rmSync(PINS, { recursive: true, force: true });
  rmSync(`/sys/fs/bpf/xdpeek/${OWN}`, { recursive: true, force: true });
}

/** Created by bpftool and pinned. Undefined where the kernel has no such type or refuses it. */
export async function created(
  name: string,
  type: string,
  key: number,
  value: number,
  ...more: string[]
): Promise<number | undefined> {
  const sizes = ['key', String(key), 'value', String(value), 'entries', '8'];
  const { status } = await attempt('bpftool', [
    'map',
    'create',
    pin(name),
    'type',
    type,
    ...sizes,
    'name',
    name,
    ...more,
  ]);
  return status === 0 ? idOf(name) : undefined;
}

export const idOf = async (name: string) => (await bpftool<{ id: number }>('map', 'show', 'pinned', pin(name))).id;

export async function must(id: Promise<number | undefined>): Promise<number> {
  const found = await id;
  assert.ok(found !== undefined, 'the kernel has this type');
  return found;
}

export async function cli(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await xdpeek(['map', ...args]);
  assert.equal(status, 0, stderr);
  return stdout;
}

export const jsonLines = <T>(text: string) =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);

/** bpftool's dump: key and values as hexadecimal. */
export async function dumped(name: string): Promise<{ key: string; values: string[] }[]> {
  interface Dumped {
    key: string[];
    value?: string[];
    values?: { value: string[] }[];
  }
  const text = (bytes: string[] = []) => bytes.map((byte) => byte.replace('0x', '').padStart(2, '0')).join('');
  const entries = await bpftool<Dumped[]>('map', 'dump', 'pinned', pin(name));
  return entries
    .map(({ key, value, values }) => ({
      key: text(key),
      values: values ? values.map((each) => text(each.value)) : [text(value)],
    }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}
