/** The demo network: the traffic it promises, with right checksums, and nothing of it left however it ends. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { startDemo } from '../../electron/cli/demo/index.ts';
import { addon } from './lib/addon.ts';
import { startTcpdump } from './lib/ground-truth.ts';
import { attempt, eventually, type Running, run, start } from './lib/process.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'xi-'));
after(() => rmSync(folder, { recursive: true }));
const module = path.resolve(import.meta.dirname, '../../electron/cli/demo/index.ts');

const exists = (netns: string) => existsSync(`/run/netns/${netns}`);
const sides = (netns: string) => [netns, netns.replace(/a$/, 'b')];

/** A process of its own that runs a demo until it is ended; `netns` is side a's. */
async function demoProcess(): Promise<{ owner: Running; netns: string }> {
  const script = `const demo = await (await import(${JSON.stringify(module)})).startDemo(); console.log('up', demo.netns);`;
  const owner = start(process.execPath, ['--input-type=module', '-e', script]);
  await owner.waitFor(/up .+\n/);
  return { owner, netns: /up (.+)\n/.exec(owner.stdout())![1]! };
}

const childrenOf = (pid: number) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/).filter(Boolean).map(Number);

/** Packets of the file that match, every checksum looked at. */
async function countIn(file: string, filter: string): Promise<number> {
  const checks = ['ip', 'tcp', 'udp'].flatMap((name) => ['-o', `${name}.check_checksum:TRUE`]);
  const out = await run('tshark', ['-r', file, ...checks, '-Y', filter, '-T', 'fields', '-e', 'frame.number']);
  return out.split('\n').length - 1;
}

test('real traffic of every promised kind, with checksums that tshark finds right', async () => {
  const demo = await startDemo();
  try {
    const info = addon.interfaces(demo.netns).find(({ ifname }) => ifname === demo.ifname);
    assert.deepEqual([info?.up, info?.running, info?.kind], [true, true, 'veth']);
    const missing = new Set([
      'arp.opcode == 1',
      'icmp.type == 8',
      'icmp.type == 0',
      'icmpv6.type == 128',
      'icmpv6.type == 129',
      'dns.flags.response == 0',
      'dns.flags.response == 1 && dns.a',
      'tcp.flags.syn == 1 && tcp.flags.ack == 0',
      'tcp.flags.reset == 1',
      'http.response.code == 200',
      'tcp.port == 9000',
      'ipv6 && tcp',
      'vlan.id == 100 && udp',
    ]);
    // On a machine with much else to do twelve seconds may be too short for the rarest.
    for (let attempt = 0; attempt < 3 && missing.size > 0; attempt++) {
      const file = path.join(folder, `demo-${attempt}.pcap`);
      const tcpdump = await startTcpdump(demo, file);
      await new Promise((resolve) => setTimeout(resolve, 12_000));
      const packets = await tcpdump.finish();
      for (const kind of missing) if ((await countIn(file, kind)) > 0) missing.delete(kind);
      // Linux writes 0xffff where a TCP checksum comes out as 0 (skb_checksum_help), equal in one's complement; tshark calls that bad.
      const badTcp = '(tcp.checksum.status == 0 && tcp.checksum != 0xffff)';
      for (const bad of ['ip.checksum.status == 0', badTcp, 'udp.checksum.status == 0', 'icmp.checksum.status == 0'])
        assert.equal(await countIn(file, bad), 0, bad);
      assert.equal(await countIn(file, 'frame.len > 1514'), 0);
      const perSecond = packets.length / (Number(packets.at(-1)!.epochNs - packets[0]!.epochNs) / 1e9);
      assert.ok(perSecond > 50 && perSecond < 3000, `${perSecond} packets/s`);
    }
    assert.deepEqual([...missing], []);
  } finally {
    await demo.stop();
  }
  await demo.stop();
  for (const netns of sides(demo.netns)) assert.equal(exists(netns), false, netns);
});

test('two demos live side by side; each removes its own', async () => {
  const [first, second] = [await startDemo(), await startDemo()];
  assert.notEqual(first.netns, second.netns);
  await first.stop();
  assert.deepEqual([exists(first.netns), exists(second.netns)], [false, true]);
  await second.stop();
  assert.equal(exists(second.netns), false);
});

test('a demo whose process is killed outright removes itself', async () => {
  const { owner, netns } = await demoProcess();
  assert.ok(sides(netns).every(exists));
  const traffic = childrenOf(owner.pid);
  assert.equal(traffic.length, 2);
  await owner.stop('SIGKILL');
  await eventually('both namespaces are gone', () => !sides(netns).some(exists));
  await eventually('the traffic ended', () => !traffic.some((pid) => existsSync(`/proc/${pid}`)));
});

test('what is left when everything was killed at once is removed by the next demo', async () => {
  const { owner, netns } = await demoProcess();
  await run('ip', ['-n', netns, 'link', 'add', 'marker', 'type', 'bridge']);
  const traffic = childrenOf(owner.pid);
  process.kill(owner.pid, 'SIGSTOP');
  for (const pid of traffic) process.kill(pid, 'SIGKILL');
  await owner.stop('SIGKILL');
  assert.ok(sides(netns).every(exists), 'nobody was left to remove it');

  const next = await startDemo();
  const names = exists(netns) ? addon.interfaces(netns).map(({ ifname }) => ifname) : [];
  await next.stop();
  assert.ok(!names.includes('marker'), 'the old namespace is gone');
});

test('without root it says what is needed and makes nothing', async () => {
  const script = `import(${JSON.stringify(module)}).then((m) => m.startDemo()).catch((e) => console.log(e.code, e.hint))`;
  const unprivileged = ['--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=-all'];
  const result = await attempt('setpriv', [...unprivileged, process.execPath, '-e', script]);
  assert.match(result.stdout, /^EPERM .*sudo/, result.stderr);
});
