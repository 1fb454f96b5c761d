/**
 * Objects that people bring, over the command line and the session, on real interfaces: what is attached is replaced and taken off only when it is the expected
 * one, nothing stays but pins however the root process ends, and bad input of every kind is refused with nothing changed.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { findLayout } from '../../electron/session/layout.ts';
import { PrivilegedAccess } from '../../electron/session/privileged/access.ts';
import { compile } from '../../electron/session/workbench/code-compile.ts';
import { Workbench } from '../../electron/session/workbench/workbench.ts';
import { PIN_FOLDER } from '../../electron/shared/workbench.ts';
import { nothingAttached, xdpeek, xdpeekAsNobody } from './cli-lib.ts';
import { addon } from './lib/addon.ts';
import { Network, type VethEnd } from './lib/network.ts';
import { eventually, type Running, run, start } from './lib/process.ts';

const MAIN = path.resolve(import.meta.dirname, '../../dist/cli/main.mjs');
const LIBRARY = path.resolve(import.meta.dirname, '../../dist/bpf/library');
const STRANGERS = '/usr/lib/x86_64-linux-gnu/bpf';
const PASS = path.join(LIBRARY, 'xdp_pass.bpf.o');
const pin = (name: string) => `xo${process.pid}_${name}`;
const network = new Network({ prefix: 'xo' });
const folder = mkdtempSync(path.join(tmpdir(), 'xo-'));
let a: VethEnd;
let b: VethEnd;

before(async () => {
  [a, b] = await network.veth(await network.namespace('a'), await network.namespace('b'), {});
});
after(async () => {
  for (const name of pinsOfOurs()) addon.unpin(name);
  rmSync(folder, { recursive: true });
  network.closeSync();
});

const started = new Set<Running>();
afterEach(async () => {
  for (const each of started) await each.stop('SIGINT');
  started.clear();
});

function pinsOfOurs(): string[] {
  return addon
    .pins()
    .map((each) => each.path)
    .filter((each) => each.startsWith(`${PIN_FOLDER}/xo${process.pid}_`))
    .map((each) => each.slice(PIN_FOLDER.length + 1));
}

const attachedId = () => addon.interfaces(a.netns).find(({ ifname }) => ifname === a.ifname)?.attached[0]?.programId;
const at = () => ['-i', `${a.ifname}@${a.netns}`];
const ping = () => run('ping', ['-c', '2', '-i', '0.2', '-W', '1', a.ipv4], { netns: b.netns });

async function attach(...args: string[]): Promise<{ running: Running; id: number }> {
  const running = start(process.execPath, [MAIN, 'prog', 'attach', ...args]);
  started.add(running);
  await running.waitFor(/attached \S+ \(program (\d+)\)/);
  return { running, id: Number(/\(program (\d+)\)/.exec(running.stderr())![1]) };
}

async function withWorkbench<T>(body: (workbench: Workbench, access: PrivilegedAccess) => Promise<T>): Promise<T> {
  const access = new PrivilegedAccess(findLayout());
  try {
    return await body(new Workbench(access), access);
  } finally {
    await access.close();
  }
}

const nothingChosen = { programs: [], types: [], variables: [], mapSizes: [], reuse: [], logLevel: 0 } as const;
const choices = () =>
  structuredClone(nothingChosen) as unknown as Omit<Parameters<Workbench['objects']['load']>[0], 'token'>;

test('in the foreground: verdicts are counted while it runs, and SIGINT detaches', async () => {
  const { running, id } = await attach(`${PASS}:xdp_pass`, ...at(), '--interval', '0.2', '--json');
  assert.equal(attachedId(), id);
  await ping();
  await running.waitFor(/"pass":\{"packets":(?:[2-9]|\d\d)/);
  const { status, stderr } = await running.stop('SIGINT');
  assert.equal(status, 0);
  assert.match(stderr, /detached/);
  await nothingAttached(a.netns, a.ifname);
});

test('a place that is taken is refused with the way out; only the expected program is replaced, also across modes', async () => {
  const { running, id } = await attach(`${PASS}:xdp_pass`, ...at(), '--mode', 'native');
  const refused = await xdpeek(['prog', 'attach', `${PASS}:xdp_drop`, ...at()]);
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /already runs program 'xdp_pass'.*--force/);
  const wrong = await xdpeek(['prog', 'attach', `${PASS}:xdp_drop`, ...at(), '--expect', '1']);
  assert.equal(wrong.status, 1);
  assert.match(wrong.stderr, new RegExp(`program ${id} .*is there now, not program 1`));
  assert.equal(attachedId(), id, 'nothing changed');

  const other = await attach(`${PASS}:xdp_drop`, ...at(), '--expect', String(id), '--mode', 'generic');
  assert.equal(attachedId(), other.id);
  await other.running.waitFor(new RegExp(`took the place of program ${id}`));
  const { status, stderr } = await running.ended;
  assert.equal(status, 1);
  assert.match(stderr, /not attached any more/, 'the owner of the replaced one is told');
  await assert.rejects(ping(), 'what is attached now drops');
  await other.running.stop('SIGTERM');
  await nothingAttached(a.netns, a.ifname);
});

test('a name for a pin that is taken is refused before anything is replaced', async () => {
  const { id, running } = await attach(`${PASS}:xdp_pass`, ...at());
  assert.equal((await xdpeek(['prog', 'load', PASS, 'xdp_pass', '--pin', pin('taken')])).status, 0);
  const more = ['--expect', String(id), '--pin', pin('taken')];
  const { status, stderr } = await xdpeek(['prog', 'attach', `${PASS}:xdp_pass`, ...at(), ...more]);
  assert.equal(status, 1);
  assert.match(stderr, /Choose another name: this one is taken/);
  assert.equal(attachedId(), id);
  assert.equal((await running.stop('SIGINT')).status, 0);
  addon.unpin(pin('taken'));
});

test('a pin survives its process; it is detached only as the expected program, and its pin goes with it', async () => {
  const name = pin('stay');
  const attached = await xdpeek(['prog', 'attach', `${PASS}:xdp_pass`, ...at(), '--pin', name]);
  assert.equal(attached.status, 0, attached.stderr);
  assert.equal(attached.stdout, `${PIN_FOLDER}/${name}\n`);
  const id = attachedId();
  assert.ok(id, 'the command has ended, and the program is still there');

  const wrong = await xdpeek(['prog', 'detach', ...at(), '--expect', '1']);
  assert.equal(wrong.status, 1);
  assert.equal(attachedId(), id);
  const unsaid = await xdpeek(['prog', 'detach', ...at()]);
  assert.equal(unsaid.status, 2);
  assert.match(unsaid.stderr, new RegExp(`There is --expect ${id} \\(xdp_pass\\)`));
  const gone = await xdpeek(['prog', 'detach', '--link', '4294967295']);
  assert.match(gone.stderr, /there is no link 4294967295/);

  const detached = await xdpeek(['prog', 'detach', ...at(), '--expect', String(id)]);
  assert.equal(detached.status, 0, detached.stderr);
  await nothingAttached(a.netns, a.ifname);
  assert.deepEqual(pinsOfOurs(), []);
});

test('kill -9 of the root process leaves nothing attached but pins', async () => {
  await withWorkbench(async (workbench, access) => {
    const client = await access.workbench();
    const load = async () => {
      const { token } = await workbench.objects.open({
        name: 'xdp_pass.bpf.o',
        bytes: new Uint8Array(readFileSync(PASS)),
      });
      const { loaded } = await workbench.objects.load({ ...choices(), token, programs: ['xdp_pass'] });
      return loaded!.programs[0]!.id;
    };
    const target = { kind: 'interface', ifname: a.ifname, netns: a.netns, hook: 'xdp' } as const;
    const other = { ...target, ifname: b.ifname, netns: b.netns };
    await workbench.request('attach', { programId: await load(), target });
    await workbench.request('attach', { programId: await load(), target: other, pin: pin('killed') });
    assert.equal(workbench.objects.list().length, 2);
    process.kill(client.pid!, 'SIGKILL');
    await nothingAttached(a.netns, a.ifname);
    const left = addon.interfaces(b.netns).find(({ ifname }) => ifname === b.ifname)?.attached;
    assert.equal(left?.length, 1, 'the pinned one');
    await eventually('what was loaded is forgotten', () => workbench.objects.list().length === 0);
  });
  const detached = await xdpeek(['prog', 'detach', '--pin', pin('killed')]);
  assert.equal(detached.status, 0, detached.stderr);
  await nothingAttached(b.netns, b.ifname);
});

test('maps pinned in a folder are used again only when that is said; a different one is refused and nothing changes', async () => {
  const load = (...more: string[]) => xdpeek(['prog', 'load', PASS, 'xdp_pass', '--pin-dir', pin('maps'), ...more]);
  assert.equal((await load('--map-size', 'verdicts=8')).status, 0);
  const again = await load();
  assert.match(again.stderr, /is pinned as \S+\/verdicts already\. Use it with --reuse-maps/);
  const pinned = addon.pins().find((each) => each.path === `${PIN_FOLDER}/${pin('maps')}/verdicts`);
  const different = await load('--reuse-maps');
  assert.equal(different.status, 1);
  assert.match(different.stderr, /'verdicts' wants to be percpu_array.*5 entries; map \d+ is .*8 entries/);
  assert.deepEqual(pinsOfOurs(), [`${pin('maps')}/verdicts`]);
  const reused = await load('--reuse-maps', '--map-size', 'verdicts=8', '--json');
  assert.equal(reused.status, 0, reused.stderr);
  assert.equal(JSON.parse(reused.stdout).maps[0].id, pinned!.id);
  const byId = await xdpeek(['prog', 'load', PASS, 'xdp_pass', '--reuse', `verdicts=${pinned!.id}`]);
  assert.match(byId.stderr, /8 entries/, 'also when it is named by id');
});

test('of maps that are pinned in a folder all are, or none', async () => {
  const two = path.join(LIBRARY, 'xdp_stats.bpf.o');
  for (const taken of ['protocols', 'verdicts']) {
    const inTheWay = `${PIN_FOLDER}/${pin('half')}/${taken}`;
    mkdirSync(inTheWay, { recursive: true });
    try {
      const { status, stderr } = await xdpeek(['prog', 'load', two, '--pin-dir', pin('half'), '--reuse-maps']);
      assert.equal(status, 1);
      assert.match(stderr, new RegExp(`cannot pin the map ${taken}.*File exists`));
      assert.deepEqual(
        pinsOfOurs().filter((each) => each.startsWith(pin('half'))),
        [],
      );
    } finally {
      rmSync(path.dirname(inTheWay), { recursive: true });
    }
  }
});

test("strangers' objects open with types and source lines, load, and count on an interface", async () => {
  const objects = readdirSync(STRANGERS).filter((name) => /^(xdpfilt_.*|xdpdump_xdp|xdp-dispatcher)\.o$/.test(name));
  assert.ok(objects.length > 2, 'xdp-tools is installed');
  await withWorkbench(async ({ objects: opened }) => {
    for (const name of objects) {
      const description = await opened.open({ name, bytes: new Uint8Array(readFileSync(path.join(STRANGERS, name))) });
      assert.ok(description.hasBtf && description.license === 'GPL', name);
      assert.ok(
        description.programs.every(({ source }) => source && source.line > 0),
        name,
      );
    }
    const bytes = new Uint8Array(readFileSync(path.join(STRANGERS, 'xdp-dispatcher.o')));
    const dispatcher = await opened.open({ name: 'xdp-dispatcher.o', bytes });
    const conf = dispatcher.variables.find(({ name }) => name === 'conf');
    assert.equal(conf?.type.kind, 'struct');
    assert.ok(conf.constant && Object.hasOwn(conf.value as object, 'num_progs_enabled'));
    const filter = await opened.open({
      name: 'xdpfilt_dny_all.o',
      bytes: new Uint8Array(readFileSync(path.join(STRANGERS, 'xdpfilt_dny_all.o'))),
    });
    const map = filter.maps.find(({ name }) => name === 'filter_ipv6');
    assert.equal(map?.keyType.name, 'struct in6_addr');
  });
  const { running } = await attach(path.join(STRANGERS, 'xdpfilt_alw_all.o'), ...at(), '--interval', '0.2');
  await ping().catch(() => {}); // it may drop all: what counts is that it counts
  await running.waitFor(/(pass|drop) [1-9]/);
  assert.equal((await running.stop('SIGINT')).status, 0);
});

test('variables: set by type, parts of structs, and refused with what would be right', async () => {
  const redirect = path.join(LIBRARY, 'redirect.bpf.o');
  const load = (...set: string[]) =>
    xdpeek(['prog', 'load', redirect, ...set.flatMap((each) => ['--set', each]), '--json']);
  assert.equal((await load('to_ifindex=7', 'to_mac=02:00:00:00:00:01')).status, 0);
  assert.match((await load('to_ifindex=4294967296')).stderr, /does not fit/);
  assert.match((await load('to_mac=0200')).stderr, /must have 6 bytes, not 2/);
  const unknown = await load('port=80');
  assert.equal(unknown.status, 2);
  assert.match(unknown.stderr, /no global variable 'port'. It has: .*to_ifindex/);
  await withWorkbench(async (workbench) => {
    const { token } = await workbench.objects.open({ name: 'redirect', bytes: new Uint8Array(readFileSync(redirect)) });
    const variables = [{ name: 'to_ifindex', value: '287454020' }];
    const { loaded } = await workbench.objects.load({ ...choices(), token, variables });
    const rodata = loaded!.maps.find(({ name }) => name.endsWith('.rodata'))!;
    const { value } = await workbench.request('mapLookup', { id: rodata.id, key: 'AAAAAA==' });
    assert.ok(Buffer.from(value!, 'base64').includes(Buffer.from([0x44, 0x33, 0x22, 0x11])), 'the kernel has it');
  });
});

const changed = (change: (bytes: Buffer) => void) => {
  const bytes = readFileSync(PASS);
  change(bytes);
  return bytes;
};
const BAD: [string, () => Buffer, RegExp][] = [
  ['not an ELF', () => Buffer.from('#!/bin/sh\n'), /not an ELF object file/],
  [
    'another machine',
    () => changed((bytes) => bytes.writeUInt16LE(62, 18)),
    /for another processor \(ELF machine 62\)/,
  ],
  ['32 bits', () => changed((bytes) => bytes.writeUInt8(1, 4)), /32-bit ELF/],
  ['the other byte order', () => changed((bytes) => bytes.writeUInt8(2, 5)), /other byte order/],
  ['only a header', () => readFileSync(PASS).subarray(0, 40), /cut off within its header/],
];
for (const [name, bytes, words] of BAD)
  test(`bad input (${name}): clear words, status 1, nothing loaded`, async () => {
    const file = path.join(folder, 'bad.o');
    writeFileSync(file, bytes());
    const { status, stdout, stderr } = await xdpeek(['prog', 'load', file, '--pin', pin('bad')]);
    assert.equal(status, 1);
    assert.equal(stdout, '');
    assert.match(stderr, words);
    assert.ok(!pinsOfOurs().includes(pin('bad')));
  });

const SECTIONS = `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u64);
} hits SEC(".maps");
int first = 1, second = 2;
SEC("xdp_drop_all") int drop_all(struct xdp_md *ctx) {
  __u32 key = 0;
  __u64 *hit = bpf_map_lookup_elem(&hits, &key);
  if (hit) __sync_fetch_and_add(hit, first + second);
  return XDP_DROP;
}
SEC("tc_prog") int through(struct __sk_buff *skb) { return 0; }
SEC("something") int unknown(struct xdp_md *ctx) { return XDP_PASS; }
char LICENSE[] SEC("license") = "GPL";
`;
const INCLUDE = path.resolve(import.meta.dirname, '../../dist/include');
/** clang's own output, as people's makefiles have it. */
async function object(name: string, ...flags: string[]): Promise<string> {
  const source = path.join(folder, `${name}.c`);
  writeFileSync(source, SECTIONS);
  const multiarch = (await run('gcc', ['-print-multiarch'])).trim();
  const headers = [`-I${INCLUDE}`, `-I${INCLUDE}/uapi`, '-idirafter', `/usr/include/${multiarch}`];
  const file = path.join(folder, `${name}.o`);
  await run('clang', ['-O2', '-target', 'bpf', ...headers, ...flags, '-c', source, '-o', file]);
  return file;
}

test('names of sections that tutorials use tell the type; global variables are shown and set one by one', async () => {
  const file = await object('sections', '-g');
  const one = await xdpeek(['prog', 'load', `${file}:xdp_drop_all`, '--json']);
  assert.equal(one.status, 0, one.stderr);
  assert.deepEqual(
    JSON.parse(one.stdout).programs.map(({ name, type }: { name: string; type: string }) => [name, type]),
    [['drop_all', 'xdp']],
  );
  assert.equal(JSON.parse(one.stdout).maps.find(({ name }: { name: string }) => name === 'hits').type, 'array');
  const all = await xdpeek(['prog', 'load', file]);
  assert.match(all.stderr, /section 'something' of program 'unknown' does not say/);
  const elsewhere = await xdpeek(['prog', 'attach', `${file}:drop_all`, ...at(), '--hook', 'tc-ingress']);
  assert.equal(elsewhere.status, 2);
  assert.match(elsewhere.stderr, /of type xdp, which does not go to --hook tc-ingress/);
  const through = await attach(`${file}:tc_prog`, ...at());
  await through.running.stop('SIGINT');

  const { running } = await attach(`${file}:xdp_drop_all`, ...at());
  const [data] = addon.maps().filter(({ name }) => name === 'sections.data');
  const set = await xdpeek(['map', 'set', String(data!.id), '0', 'value', 'second=40']);
  assert.equal(set.status, 0, set.stderr);
  const dumped = await xdpeek(['map', 'dump', String(data!.id), '--json']);
  assert.deepEqual(JSON.parse(dumped.stdout), { key: 0, value: { first: 1, second: 40 } });
  await assert.rejects(ping(), 'it drops');
  const hits = addon.maps().findLast(({ name }) => name === 'hits')!;
  const count = Buffer.from(addon.mapLookup(hits.id, new Uint8Array(4))!).readBigUInt64LE();
  assert.ok(count >= 82n && count % 41n === 0n, `${count}: 41 a packet`);
  await running.stop('SIGINT');
});

test('an array that is larger than the memory that is free is refused before the kernel tries', async () => {
  const args = ['prog', 'load', PASS, 'xdp_pass', '--map-size', 'verdicts=4294967295'];
  const { status, stderr } = await xdpeek(args);
  assert.equal(status, 1);
  assert.match(stderr, /the map verdicts \(percpu_array\) would take [\d.]+ GB at once, and [\d.]+ [GM]B are free/);
  const made = await xdpeek([
    'map',
    'create',
    pin('huge'),
    '--type',
    'array',
    '--value',
    '4096',
    '--entries',
    '4294967295',
  ]);
  assert.match(made.stderr, /would take 17592\.2 GB at once/);
  assert.ok(!pinsOfOurs().includes(pin('huge')));
});

test('an object without type information says what it lacks', async () => {
  const { stderr, status } = await xdpeek(['prog', 'load', await object('plain')]);
  assert.equal(status, 1);
  assert.match(stderr, /cannot open plain: it has no type information \(BTF\).*clang -g/);
});

test('bad input: no file, a folder, nothing in it, more than 16 MiB', async () => {
  const load = async (file: string) => (await xdpeek(['prog', 'load', file])).stderr;
  assert.match(await load(path.join(folder, 'none.o')), /there is no such file/);
  assert.match(await load(folder), /is not a file/);
  writeFileSync(path.join(folder, 'empty.o'), '');
  assert.match(await load(path.join(folder, 'empty.o')), /not an ELF/);
  writeFileSync(path.join(folder, 'large.o'), Buffer.alloc((16 << 20) + 1));
  assert.match(await load(path.join(folder, 'large.o')), /at most 16777216.*llvm-strip/);
});

test("an object's own names lead to no other place: maps called ../.. are not pinned, sections that name files are not attached", async () => {
  const strange = path.join(folder, 'strange.o');
  const renamed = readFileSync(PASS, 'latin1').replaceAll('verdicts', '../../xo');
  writeFileSync(strange, renamed, 'latin1');
  const pins = addon.pins().map((each) => each.path);
  const { status, stderr } = await xdpeek(['prog', 'load', strange, 'xdp_pass', '--pin-dir', pin('strange')]);
  assert.equal(status, 1);
  assert.match(stderr, /pins have letters, digits/);
  assert.ok(!existsSync(`${PIN_FOLDER}/${pin('strange')}`), 'not even a folder');
  assert.ok(addon.pins().every((each) => pins.includes(each.path) || !each.path.includes('xo')));

  const built = await compile(`#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("uprobe//bin/ls:main") int probe(void *ctx) { return 0; }
char _license[] SEC("license") = "GPL";`);
  assert.ok('object' in built);
  const file = path.join(folder, 'uprobe.o');
  writeFileSync(file, built.object);
  const attached = await xdpeek(['prog', 'attach', file]);
  assert.equal(attached.status, 1);
  assert.match(attached.stderr, /its section names a file/);
});

test('an object cut off anywhere is refused, or described by what is left; it never takes the session with it', async () => {
  const whole = readFileSync(PASS);
  const ends = [64, 65, 128, 200, 512, 777, 1024, 2048, 3000, 4096].filter((end) => end < whole.length);
  await withWorkbench(async ({ objects }) => {
    for (const end of [...ends, whole.length - 1, whole.length - 64])
      await objects.open({ name: 'cut.o', bytes: new Uint8Array(whole.subarray(0, end)) }).then(
        () => assert.fail(`${end} bytes were taken`),
        ({ code, message }) => assert.ok(code === 'FORMAT' && message.length > 20, `${end}: ${code} ${message}`),
      );
  });
});

test('without rights: words that say so, nothing loaded; describing needs none', async () => {
  const { status, stdout, stderr } = await xdpeekAsNobody(['prog', 'load', PASS]);
  assert.equal(status, 1);
  assert.equal(stdout, '');
  assert.match(stderr, /rights|privilege|root/i);
  assert.ok(addon.programs().every(({ uid }) => uid !== 65534));
});

test('assembly and instruction lists load with the maps that they declare; mistakes are told by place', async () => {
  const asm = path.join(folder, 'count.s');
  const body = `.type xdp\n.map hits array 4 8 1\n  *(u32 *)(r10 -4) = 0\n  r2 = r10\n  r2 += -4\n  r1 = map[hits]\n  call bpf_map_lookup_elem
  if r0 == 0 goto out\n  r1 = 1\n  lock *(u64 *)(r0 +0) += r1\nout:\n  w0 = 2\n  exit\n`;
  writeFileSync(asm, body);
  const loaded = await xdpeek(['prog', 'load', '--asm', asm, '--pin', pin('asm'), '--json']);
  assert.equal(loaded.status, 0, loaded.stderr);
  const { programs, maps } = JSON.parse(loaded.stdout);
  const { running } = await attach(String(programs[0].id), ...at());
  await ping();
  const bytes = Buffer.from(addon.mapLookup(maps[0].id, new Uint8Array(4))!);
  assert.ok(bytes.readBigUInt64LE() >= 2n, 'both pings were counted');
  await running.stop('SIGINT');

  writeFileSync(asm, body.replace('r2 = r10', 'r2 = r11'));
  const wrong = await xdpeek(['prog', 'load', '--asm', asm]);
  assert.match(wrong.stderr, /line 4, column 3: there is no register r11/);
  writeFileSync(asm, body.replace('map[hits]', 'map[nowhere]'));
  assert.match((await xdpeek(['prog', 'load', '--asm', asm])).stderr, /there is no map 'nowhere'. Declare it/);

  const insns = path.join(folder, 'pass.json');
  writeFileSync(insns, JSON.stringify({ instructions: [{ code: 183, imm: 2 }, { code: 149 }] }));
  assert.match((await xdpeek(['prog', 'load', '--insns', insns])).stderr, /what kind of program/);
  assert.equal((await xdpeek(['prog', 'load', '--insns', insns, '--type', 'xdp'])).status, 0);
  writeFileSync(insns, JSON.stringify({ instructions: [{ code: 183, dst: 11 }] }));
  assert.match(
    (await xdpeek(['prog', 'load', '--insns', insns, '--type', 'xdp'])).stderr,
    /instructions\[0\]\.dst must be/,
  );
});

test('a program of the kernel as text is taken back by the assembler and loads again', async () => {
  await withWorkbench(async (workbench) => {
    const { Code } = await import('../../electron/session/workbench/code.ts');
    const code = new Code(workbench);
    const source = `.type xdp\n.map hits hash 4 8 16\n *(u32 *)(r10 -4) = 0\n r2 = r10\n r2 += -4\n r1 = map[hits]\n call bpf_map_delete_elem\n if r0 == 0 goto out\n w0 = 2\n exit\nout:\n w0 = 1\n exit`;
    const first = await code.loadAssembly({ text: source, name: 'first', type: 'xdp', license: 'GPL', logLevel: 0 });
    const text = await code.text(first.loaded!.programs[0]!.id);
    assert.match(text, /goto L\d+/);
    assert.match(text, new RegExp(`map\\[id:${first.loaded!.maps[0]!.id}\\]`));
    const second = await code.loadAssembly({ text, name: 'second', type: 'xdp', license: 'GPL', logLevel: 0 });
    assert.equal(second.error, undefined);
    assert.equal(await code.text(second.loaded!.programs[0]!.id), text);

    const listed = await xdpeek(['prog', 'disasm', String(first.loaded!.programs[0]!.id), '--editable']);
    assert.equal(listed.stdout, `.type xdp\n${text}`);
    const file = path.join(folder, 'again.s');
    writeFileSync(file, listed.stdout);
    const again = await xdpeek(['prog', 'load', '--asm', file]);
    assert.equal(again.status, 0, again.stderr);
    const both = await xdpeek(['prog', 'disasm', String(first.loaded!.programs[0]!.id), '--editable', '--json']);
    assert.equal(both.status, 2);
  });
});

test('nothing of these tests is left', () => {
  assert.deepEqual(
    addon.interfaces(a.netns).flatMap(({ attached }) => attached),
    [],
  );
});
