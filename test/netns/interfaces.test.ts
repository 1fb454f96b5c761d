/** interfaces(), sendFrames() and probe() against what ip, bpftool and tcpdump say, on networks of the test's own. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { InterfaceInfo } from '../../electron/shared/capture.ts';
import { addon, addonFile } from './lib/addon.ts';
import { AddonCapture } from './lib/addon-capture.ts';
import { type Endpoint, numberedFrames, pattern, udpFrame, udpPacket } from './lib/frames.ts';
import { startTcpdump } from './lib/ground-truth.ts';
import { withNetwork, withPair } from './lib/network.ts';
import { attempt, eventually, run, start } from './lib/process.ts';
import { TunDevice } from './lib/tun.ts';

const options = { prefix: 'xi' };
const folder = mkdtempSync(path.join(tmpdir(), 'xi-'));
after(() => rmSync(folder, { recursive: true }));

const named = (list: InterfaceInfo[], ifname: string): InterfaceInfo => {
  const found = list.find((info) => info.ifname === ifname);
  assert.ok(found, `${ifname} is in the list`);
  return found;
};

interface IpLink {
  ifindex: number;
  ifname: string;
  mtu: number;
  flags: string[];
  operstate: string;
  address?: string;
  link_type: string;
  num_rx_queues: number;
  linkinfo?: { info_kind: string };
  stats64: { rx: { bytes: number; packets: number }; tx: { bytes: number; packets: number } };
  addr_info: { local: string; prefixlen: number }[];
}

const ipLinks = async (netns: string): Promise<IpLink[]> => {
  const [links, addresses] = await Promise.all(
    [['-s', '-d', 'link'], ['addr']].map(async (args) => JSON.parse(await run('ip', ['-n', netns, '-j', ...args]))),
  );
  return links.map((link: IpLink) => ({
    ...link,
    addr_info: addresses.find((entry: IpLink) => entry.ifindex === link.ifindex).addr_info,
  }));
};

/** The part of an InterfaceInfo that ip knows too, from either side. */
const ofAddon = (info: InterfaceInfo) => ({
  ifindex: info.ifindex,
  ifname: info.ifname,
  mac: info.mac,
  mtu: info.mtu,
  up: info.up,
  loopback: info.loopback,
  kind: info.kind,
  rxQueues: info.rxQueues,
  addresses: info.addresses,
  rx: [info.rxPackets, info.rxBytes],
  tx: [info.txPackets, info.txBytes],
});
const ofIp = (link: IpLink) => ({
  ifindex: link.ifindex,
  ifname: link.ifname,
  mac: link.link_type === 'ether' ? link.address : undefined,
  mtu: link.mtu,
  up: link.flags.includes('UP'),
  loopback: link.flags.includes('LOOPBACK'),
  kind: link.linkinfo?.info_kind,
  rxQueues: link.num_rx_queues,
  addresses: link.addr_info.map(({ local, prefixlen }) => `${local}/${prefixlen}`),
  rx: [link.stats64.rx.packets, link.stats64.rx.bytes],
  tx: [link.stats64.tx.packets, link.stats64.tx.bytes],
});

test('the list equals what ip says, for veth, tun, tap, bridge and loopback', async () => {
  await withPair({ ...options, mtu: 3000, queues: 2, quiet: true }, async (a, b, network) => {
    const tun = await TunDevice.open(a.netns, { addresses: ['10.88.0.1/24'] });
    const tap = await TunDevice.open(a.netns, { ifname: 'tap0', kind: 'tap' });
    await network.bridge(a.netns);
    await run('ping', ['-c', '3', '-i', '0.01', '-q', b.ipv4], { netns: a.netns });

    // A fresh bridge and tap speak of their own accord (IPv6, IGMP): compare while the counters stand still.
    let list = addon.interfaces(a.netns);
    let truth = (await ipLinks(a.netns)).map(ofIp);
    for (
      let round = 0;
      round < 20 && !isDeepStrictEqual(list.map(ofAddon), addon.interfaces(a.netns).map(ofAddon));
      round++
    ) {
      list = addon.interfaces(a.netns);
      truth = (await ipLinks(a.netns)).map(ofIp);
    }
    assert.deepEqual(list.map(ofAddon), truth);
    assert.ok(list.every((info) => info.netns === a.netns));

    const veth = named(list, 'veth0');
    assert.deepEqual(
      [veth.driver, veth.speedMbps, veth.linkType, veth.running, veth.xdpNative, veth.rxPackets],
      ['veth', 10000, 1, true, 'yes', 3],
    );
    assert.equal(named(list, 'tun0').linkType, 101);
    assert.equal(named(list, 'tun0').driver, 'tun');
    assert.equal(named(list, 'tap0').linkType, 1);
    assert.equal(named(list, 'lo').xdpNative, 'no');
    assert.equal(named(list, 'br0').kind, 'bridge');
    await tun.close();
    await tap.close();
  });
});

test('down, and up without a carrier, are told apart from running', async () => {
  await withPair(options, async (a, b) => {
    await run('ip', ['-n', b.netns, 'link', 'set', 'veth0', 'down']);
    const state = (netns: string) => {
      const { up, running } = named(addon.interfaces(netns), 'veth0');
      return { up, running };
    };
    // The kernel settles a lost carrier up to a second later.
    await eventually('the other end lost its carrier', () => !state(a.netns).running);
    assert.deepEqual(state(a.netns), { up: true, running: false });
    assert.deepEqual(state(b.netns), { up: false, running: false });
  });
});

test('"*" lists this namespace and every one that has a name, each once', async () => {
  await withPair(options, async (a, b, network) => {
    const third = await network.namespace('c');
    const stale = `/run/netns/xi-stale-${process.pid}`;
    const again = `/run/netns/xi-again-${process.pid}`;
    writeFileSync(stale, '');
    symlinkSync(`/run/netns/${a.netns}`, again);
    try {
      const all = addon.interfaces('*');
      const places = new Set(all.map((info) => info.netns));
      assert.ok([undefined, b.netns, third].every((name) => places.has(name)));
      assert.equal([a.netns, path.basename(again)].filter((name) => places.has(name)).length, 1);
      assert.ok(!places.has(path.basename(stale)));
      const own = (list: InterfaceInfo[]) => list.filter((info) => !info.netns).map((info) => info.ifname);
      assert.deepEqual(own(all), own(addon.interfaces()));
      assert.throws(() => addon.interfaces(path.basename(stale)), { code: 'EINVAL', hint: /ip netns delete/ });
    } finally {
      rmSync(stale);
      rmSync(again);
    }
  });
});

test('a namespace is found by the pid of a process in it; the caller stays where it was', async () => {
  await withNetwork(options, async (network) => {
    const netns = await network.namespace('p');
    await run('ip', ['-n', netns, 'link', 'add', 'only0', 'type', 'veth', 'peer', 'name', 'only1']);
    const sleeper = start('sleep', ['60'], { netns });
    const before = addon.interfaces().map((info) => info.ifname);
    const found = () => addon.interfaces(`pid:${sleeper.pid}`);
    await eventually('nsenter has entered', () => found().length === 3);
    assert.deepEqual(
      found().map((info) => [info.ifname, info.netns]),
      ['lo', 'only1', 'only0'].map((name) => [name, `pid:${sleeper.pid}`]),
    );
    assert.deepEqual(
      addon.interfaces().map((info) => info.ifname),
      before,
    );
    await sleeper.stop('SIGTERM');
  });
});

test('names that are no namespace are refused, with words', () => {
  for (const name of [
    '',
    '.',
    '..',
    '../x',
    'a/b',
    '/etc/passwd',
    'a..b',
    'a%n',
    'a\nb',
    'a\0b',
    'x'.repeat(256),
    'pid:',
    'pid:0',
    'pid:-1',
    'pid:1/..',
    'pid:99999999999',
  ])
    assert.throws(() => addon.interfaces(name), { code: 'EINVAL', hint: /ip netns/ }, JSON.stringify(name));
  assert.throws(() => addon.interfaces('xi-no-such'), {
    code: 'ENOENT',
    errno: 2,
    tried: /open network namespace xi-no-such/,
  });
  assert.throws(() => addon.interfaces('pid:4194304'), { code: 'ENOENT', hint: /No process/ });
  assert.throws(() => addon.interfaces(7 as unknown as string), TypeError);
});

/** A program of two instructions as an object file: `return verdict` in the section that bpftool and ip want. */
async function trivialObject(section: string, verdict: number): Promise<string> {
  const object = path.join(folder, `${section.replace('/', '_')}.o`);
  const source = `__attribute__((section("${section}"), used)) int xi_${section.replace('/', '_')}(void *context) { return ${verdict}; }
char _license[] __attribute__((section("license"), used)) = "Dual BSD/GPL";`;
  await run('clang', ['-O2', '-target', 'bpf', '-x', 'c', '-c', '-o', object, '-'], { input: source });
  return object;
}

test("other people's XDP and clsact programs are shown with hook, mode, id and name", async () => {
  await withPair(options, async (a, b) => {
    const xdp = await trivialObject('xdp', 2);
    const classifier = await trivialObject('classifier', -1);
    await run('ip', ['-n', a.netns, 'link', 'set', 'veth0', 'xdpgeneric', 'object', xdp, 'section', 'xdp']);
    await run('ip', ['-n', b.netns, 'link', 'set', 'veth0', 'xdpdrv', 'object', xdp, 'section', 'xdp']);
    await run('tc', ['-n', a.netns, 'qdisc', 'add', 'dev', 'veth0', 'clsact']);
    for (const direction of ['ingress', 'egress'])
      await run('tc', [
        '-n',
        a.netns,
        'filter',
        'add',
        'dev',
        'veth0',
        direction,
        'bpf',
        'direct-action',
        'object-file',
        classifier,
        'section',
        'classifier',
      ]);

    const programs = JSON.parse(await run('bpftool', ['-j', 'prog', 'show'])) as { id: number; name?: string }[];
    const attached = named(addon.interfaces(a.netns), 'veth0').attached;
    assert.deepEqual(
      attached.map(({ hook, mode, ours }) => ({ hook, mode, ours })),
      [
        { hook: 'xdp', mode: 'generic', ours: false },
        { hook: 'tc-ingress', mode: undefined, ours: false },
        { hook: 'tc-egress', mode: undefined, ours: false },
      ],
    );
    for (const { programId, name } of attached)
      assert.equal(name, programs.find(({ id }) => id === programId)?.name ?? '', `program ${programId}`);
    const native = named(addon.interfaces(b.netns), 'veth0').attached;
    assert.deepEqual(
      native.map(({ hook, mode }) => [hook, mode]),
      [['xdp', 'native']],
    );
  });
});

test("our own programs are told from other people's on every hook, and only by the process that holds them", async () => {
  await withPair(options, async (a) => {
    const hooks = ['xdp', 'tc-ingress', 'tc-egress'] as const;
    const capture = new AddonCapture(hooks.map((hook) => ({ ifname: a.ifname, netns: a.netns, hook })));
    const ids = capture.capture.attachments.map(({ programId }) => programId);
    const shown = named(addon.interfaces(a.netns), 'veth0').attached;
    assert.deepEqual(
      shown.map(({ hook, programId, ours }) => ({ hook, programId, ours })),
      hooks.map((hook, i) => ({ hook, programId: ids[i], ours: true })),
    );
    assert.ok(shown.every(({ name }) => name.startsWith('xdpeek_')));
    const script = 'const a = require(process.argv[1]); console.log(JSON.stringify(a.interfaces(process.argv[2])))';
    const elsewhere = JSON.parse(await run(process.execPath, ['-e', script, addonFile, a.netns])) as InterfaceInfo[];
    assert.deepEqual(
      named(elsewhere, 'veth0').attached,
      shown.map((program) => ({ ...program, ours: false })),
    );
    await capture.finish();
    assert.deepEqual(named(addon.interfaces(a.netns), 'veth0').attached, []);
  });
});

test('a thousand listings leave no descriptor, thread or memory behind', async () => {
  await withPair(options, async (a) => {
    const cost = () => ({
      descriptors: readdirSync('/proc/self/fd').length,
      threads: readdirSync('/proc/self/task').length,
      residentKb: Number(/VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]),
    });
    const list = (times: number) => {
      for (let i = 0; i < times; i++) {
        addon.interfaces(a.netns);
        assert.throws(() => addon.interfaces('xi-no-such'));
      }
    };
    list(300);
    const before = cost();
    list(1000);
    const grown = cost();
    assert.equal(grown.descriptors, before.descriptors);
    // A thread that was joined may stand in the list for a moment.
    await eventually('no thread stays', () => cost().threads <= before.threads);
    assert.ok(grown.residentKb - before.residentKb < 20_000, `${before.residentKb} kB, then ${grown.residentKb} kB`);
  });
});

test('sendFrames sends exactly these frames, in order, also the longest and a tagged one', async () => {
  await withPair({ ...options, quiet: true }, async (a, b) => {
    const frames = [
      ...numberedFrames(a, b, 500),
      udpFrame(a, b, pattern(9)),
      udpFrame(a, b, pattern(1472)),
      udpFrame(a, b, pattern(100), { tags: [{ id: 42, priority: 5 }] }),
      udpFrame(a, b, pattern(9), { family: 6 }),
    ];
    const tcpdump = await startTcpdump(b, path.join(folder, 'sent.pcap'), { direction: 'in' });
    assert.equal(await addon.sendFrames({ ifname: a.ifname, netns: a.netns, frames, repeat: 2 }), frames.length * 2);
    const taken = await tcpdump.finish(frames.length * 2);
    assert.deepEqual(
      taken.map(({ bytes }) => Buffer.from(bytes).toString('hex')),
      [...frames, ...frames].map((bytes) => Buffer.from(bytes).toString('hex')),
    );
  });
});

test('sendFrames keeps the pace that it is asked for, off the event loop', async () => {
  await withPair({ ...options, quiet: true }, async (a, b) => {
    let turns = 0;
    const timer = setInterval(() => turns++, 5);
    const begun = performance.now();
    await addon.sendFrames({ ifname: a.ifname, netns: a.netns, frames: numberedFrames(a, b, 40), intervalUs: 5000 });
    const tookMs = performance.now() - begun;
    clearInterval(timer);
    assert.ok(tookMs >= 39 * 5 && tookMs < 39 * 5 + 2000, `${tookMs} ms for 39 gaps of 5 ms`);
    assert.ok(turns >= 10, `the event loop turned ${turns} times meanwhile`);
  });
});

test('on a tun device packets go out as raw IP, and come in from the far end', async () => {
  await withNetwork(options, async (network) => {
    const netns = await network.namespace('t');
    const tun = await TunDevice.open(netns, { addresses: ['10.88.0.1/24', 'fd88::1/64'] });
    const ours: Endpoint = { mac: '', ipv4: '10.88.0.1', ipv6: 'fd88::1' };
    const far: Endpoint = { mac: '', ipv4: '10.88.0.2', ipv6: 'fd88::2' };
    const packets = [udpPacket(ours, far, pattern(9)), udpPacket(ours, far, pattern(1001), { family: 6 })];
    const isUdp = (packet: Uint8Array) => (packet[0]! >> 4 === 4 ? packet[9] : packet[6]) === 17;
    assert.equal(await addon.sendFrames({ ifname: 'tun0', netns, frames: packets }), 2);
    await eventually('both came out', () => tun.received.filter(isUdp).length === 2);
    assert.deepEqual(
      tun.received.filter(isUdp).map((packet) => Buffer.from(packet).toString('hex')),
      packets.map((packet) => Buffer.from(packet).toString('hex')),
    );
    const before = named(addon.interfaces(netns), 'tun0').rxPackets;
    tun.inject([udpPacket(far, ours, pattern(9)), udpPacket(far, ours, pattern(10), { family: 6 })]);
    await eventually('both came in', () => named(addon.interfaces(netns), 'tun0').rxPackets === before + 2);
    await tun.close();
  });
});

test('sendFrames fails with errno, the frame and a hint; bad options are refused', async () => {
  await withPair({ ...options, quiet: true }, async (a, b) => {
    const at = { ifname: a.ifname, netns: a.netns };
    const small = udpFrame(a, b, pattern(9));
    await assert.rejects(addon.sendFrames({ ...at, ifname: 'nope0', frames: [small] }), {
      code: 'ENODEV',
      hint: /xdpeek ifaces/,
    });
    await assert.rejects(addon.sendFrames({ ...at, frames: [small, udpFrame(a, b, pattern(3000))] }), {
      code: 'EMSGSIZE',
      tried: /frame 2/,
    });
    await run('ip', ['-n', a.netns, 'link', 'set', 'veth0', 'down']);
    await assert.rejects(addon.sendFrames({ ...at, frames: [small] }), { code: 'ENETDOWN', hint: /ip link set/ });
    const wrong: object[] = [
      {},
      { ...at, frames: [] },
      { ...at, frames: ['x'] },
      { ...at, frames: [new Uint8Array()] },
      { ...at, frames: [small], repeat: -1 },
      { ...at, ifname: 'x'.repeat(16), frames: [small] },
    ];
    for (const bad of wrong) assert.throws(() => addon.sendFrames(bad as never), TypeError);
    assert.throws(() => addon.sendFrames({ ...at, netns: '../x', frames: [small] }), { code: 'EINVAL' });
  });
});

test('probe tells the truth about this kernel and leaves nothing behind', async () => {
  const count = async (kind: string) => (JSON.parse(await run('bpftool', ['-j', kind, 'show'])) as unknown[]).length;
  const links = await count('link');
  const found = addon.probe();
  assert.equal(found.kernel, (await run('uname', ['-r'])).trim());
  assert.equal(found.cpusOnline, Number(await run('nproc', [])));
  assert.ok(found.cpusPossible >= found.cpusOnline);
  assert.equal(found.privileged, true);
  assert.equal(await count('link'), links);
  const answers = await run('bpftool', ['feature', 'probe', 'kernel']);
  assert.equal(found.ringBuffer, /eBPF map_type ringbuf is available/.test(answers));
});

test('without privilege the list still works and probe says so', async () => {
  const script = `const a = require(process.argv[1]); console.log(JSON.stringify([a.probe(), a.interfaces().length, (() => { try { a.interfaces(process.argv[2]); } catch (e) { return e.code; } })()]));`;
  await withNetwork(options, async (network) => {
    const netns = await network.namespace('u');
    const file = path.join(folder, 'addon.node');
    await run('cp', [addonFile, file]);
    await run('chmod', ['755', folder]);
    const result = await attempt('setpriv', [
      '--reuid=65534',
      '--regid=65534',
      '--clear-groups',
      '--inh-caps=-all',
      process.execPath,
      '-e',
      script,
      file,
      netns,
    ]);
    assert.equal(result.status, 0, result.stderr);
    const [found, count, code] = JSON.parse(result.stdout);
    assert.equal(found.privileged, false);
    assert.equal(found.xdpLink, false);
    assert.equal(count, addon.interfaces().length);
    assert.equal(code, 'EPERM');
  });
});
