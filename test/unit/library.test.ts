/** The library as data: every entry stands in a source, every parameter goes where it says, and what people type is checked before anything is loaded. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { libraryEntries, librarySource } from '../../electron/session/workbench/library.ts';
import { LIBRARY, libraryProgram } from '../../electron/session/workbench/library-entries.ts';
import { LIBRARY_PARAMS } from '../../electron/session/workbench/library-params.ts';
import { fillParameters } from '../../electron/session/workbench/library-values.ts';

const folder = path.resolve(import.meta.dirname, '../../bpf/library');
const sourceOf = (object: string) => readFileSync(path.join(folder, `${object}.bpf.c`), 'utf8');
const ifindexOf = (name: string) =>
  name === 'out0' ? Promise.resolve(7) : Promise.reject(Object.assign(new Error(`no ${name}`), { code: 'ENODEV' }));
const fill = (name: string, values: Record<string, string>) => fillParameters(libraryProgram(name)!, values, ifindexOf);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

test('every entry is a program of its source, and what it sets is there', () => {
  for (const { name, object, parameters, companions = [], onTracepoint } of LIBRARY) {
    const source = sourceOf(object);
    for (const program of [name, ...companions, ...(onTracepoint ? [onTracepoint] : [])])
      assert.match(source, new RegExp(`^int ${program}\\(`, 'm'), name);
    for (const { into } of parameters)
      if ('variable' in into) assert.match(source, new RegExp(`const volatile \\w+ ${into.variable}\\b`), name);
      else assert.match(source, new RegExp(`\\} ${into.map} SEC\\("\\.maps"\\)`), name);
  }
});

test('every source of the library has an entry, and names are unique', () => {
  const objects = readdirSync(folder).filter((file) => file.endsWith('.bpf.c'));
  assert.deepEqual(
    objects
      .map((file) => file.slice(0, -'.bpf.c'.length))
      .filter((object) => !LIBRARY.some((each) => each.object === object)),
    [],
  );
  assert.equal(new Set(LIBRARY.map(({ name }) => name)).size, LIBRARY.length);
});

test('the list tells what there is to know and nothing of where values go', () => {
  const entries = libraryEntries();
  assert.equal(entries.length, LIBRARY.length);
  for (const entry of entries) {
    assert.ok(entry.title !== '' && entry.about.length > 0 && entry.rows.length > 0 && entry.hooks.length > 0);
    for (const parameter of entry.parameters) assert.ok(!('into' in parameter) && parameter.help !== '');
  }
  assert.deepEqual(
    entries.filter(({ loads }) => !loads).map(({ name }) => name),
    ['tail_read_length', 'tail_read_end', 'tail_read_wide'],
  );
});

test('parameters become variables and map entries', async () => {
  assert.deepEqual(await fill('vlan_collect', {}), { settings: [{ name: 'inner_id', value: '42' }], fills: [] });
  assert.deepEqual(await fill('redirect', { to: ' out0 ', mac: '2-0-0-0-0-AB' }), {
    settings: [
      { name: 'to_ifindex', value: '7' },
      { name: 'to_mac', value: '0200000000ab' },
    ],
    fills: [],
  });
  const { settings, fills } = await fill('redirect_map', {
    to: 'out0',
    pairs: '02:00:00:00:00:01=02:00:00:00:00:02,\n 02:00:00:00:00:03=02:00:00:00:00:04',
  });
  assert.deepEqual(settings, []);
  assert.deepEqual(
    fills.map(({ map, key, value, inNetns }) => [map, hex(key), hex(value), inNetns]),
    [
      ['ports', '00000000', '07000000', true],
      ['destinations', '020000000001', '020000000002', false],
      ['destinations', '020000000003', '020000000004', false],
    ],
  );
});

test('what does not fit is refused in words, with what would', async () => {
  const cases: [string, Record<string, string>, RegExp][] = [
    ['vlan_swap', { vlan_id: '4095' }, /vlan_id takes a whole number, 1 to 4094, not "4095"/],
    ['vlan_swap', { vlan_id: '-1' }, /vlan_id takes a whole number/],
    ['vlan_swap', { vlan_id: '1e3' }, /vlan_id takes a whole number/],
    ['patch_ports', { port: '65536' }, /port takes a whole number, 1 to 65535/],
    ['patch_ports', { prot: '1' }, /patch_ports has no parameter "prot"/],
    ['redirect', {}, /redirect needs to: interface/],
    ['redirect', { to: 'out1' }, /no out1/],
    ['redirect', { to: 'out0', mac: '02:00:00:00:00' }, /mac takes a MAC address/],
    ['redirect_map', { to: 'out0', pairs: '02:00:00:00:00:01' }, /pairs takes SOURCE=DESTINATION/],
    ['redirect_map', { to: 'out0', pairs: 'a=b=c' }, /pairs takes SOURCE=DESTINATION/],
    ['redirect_map', { to: 'out0', pairs: '02:00:00:00:00:01=nobody' }, /pairs takes a MAC address/],
    ['redirect_map', { to: 'out0', pairs: 'x'.repeat(70_000) }, /pairs is too long/],
  ];
  for (const [name, values, message] of cases) await assert.rejects(fill(name, values), message);
});

test('the headers that the sources include are beside them', () => {
  for (const { object } of LIBRARY)
    for (const [, header] of sourceOf(object).matchAll(/^#include "([^"]+)"/gm))
      assert.ok(existsSync(path.join(folder, header!)), `${object}: ${header}`);
});

test("the session's door takes names and texts of bounded length, and nothing unknown", () => {
  const check = LIBRARY_PARAMS['library.attach'];
  const target = { kind: 'interface', ifname: 'veth0', hook: 'xdp' };
  const good = { name: 'redirect', values: { to: 'out0' }, target };
  assert.deepEqual(check(good, 'params'), good);
  const cases: [unknown, RegExp][] = [
    [{ ...good, name: 'x'.repeat(129) }, /at most 128/],
    [{ ...good, values: { to: 7 } }, /must be text/],
    [{ ...good, values: ['to'] }, /must be an object/],
    [{ ...good, values: Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`p${i}`, ''])) }, /at most 32/],
    [{ ...good, values: { to: 'x'.repeat(65_537) } }, /at most 65536/],
    [{ ...good, target: { ...target, ifname: '../veth0' } }, /ifname/],
    [{ ...good, pin: '../../etc' }, /not a name for a pin/],
    [{ ...good, path: '/tmp' }, /unknown member/],
  ];
  for (const [params, message] of cases) assert.throws(() => check(params, 'params'), message);
  // Names that pass and that the library does not have reach no file.
  return assert.rejects(librarySource('../redirect'), /has no program "..\/redirect"/);
});
