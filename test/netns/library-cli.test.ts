/** The library by the command line: the list, a page, a source; programs attached by name with their parameters, and words that are wrong. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { nothingAttached, withFolder, xdpeek } from './cli-lib.ts';
import { addon } from './lib/addon.ts';
import { numberedFrames, udpFrame } from './lib/frames.ts';
import { startTcpdump } from './lib/ground-truth.ts';
import { withNetwork, withPair } from './lib/network.ts';
import { start } from './lib/process.ts';

const MAIN = path.resolve(import.meta.dirname, '../../dist/cli/main.mjs');
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

async function attached(args: readonly string[]) {
  const running = start(process.execPath, [MAIN, 'prog', 'attach', ...args, '--interval', '0.2']);
  await running.waitFor(/attached /);
  return running;
}

test('prog library lists, explains, and prints the source that was compiled', async () => {
  const list = await xdpeek(['prog', 'library']);
  assert.equal(list.status, 0);
  for (const name of ['xdp_stats', 'vlan_swap', 'redirect_map', 'tail_read_end', 'traffic_tailcall', 'udp_local_only'])
    assert.match(list.stdout, new RegExp(`^${name} `, 'm'));
  const page = await xdpeek(['prog', 'library', 'redirect_map']);
  assert.match(page.stdout, /^Required parameters:\n {2}to +interface.*\n {2}pairs +SOURCE=DESTINATION/m);
  const optional = await xdpeek(['prog', 'library', 'vlan_swap']);
  assert.match(optional.stdout, /^Parameters:\n {2}vlan_id .*1 to 4094 \(default: 1\)/m);
  const udp = await xdpeek(['prog', 'library', 'udp_local_only']);
  assert.match(udp.stdout, /^ {2}xdpeek prog attach udp_local_only --udp PORT$/m);
  const source = await xdpeek(['prog', 'library', 'icmp_echo', '--source']);
  const file = path.resolve(import.meta.dirname, '../../bpf/library/icmp_echo.bpf.c');
  assert.equal(source.stdout, readFileSync(file, 'utf8'));
  const json = await xdpeek(['prog', 'library', '--json']);
  assert.ok(
    json.stdout
      .trim()
      .split('\n')
      .every((line) => typeof JSON.parse(line).title === 'string'),
  );
});

test('names and parameters that are wrong end with status 2 and words that help, before anything is loaded', async () => {
  const cases: [string[], RegExp][] = [
    [['library', 'vlan_dorp'], /'vlan_dorp' is not in the library. Did you mean 'vlan_drop'\?/],
    [['library', 'x'.repeat(3000)], /is not in the library. 'xdpeek prog library' lists the names\.$/m],
    [['attach', 'icmp_eco', '-i', 'lo'], /Did you mean 'icmp_echo'\?/],
    [['attach', 'x'.repeat(3000), '-i', 'lo'], /is neither in the library nor a file/],
    [['load', 'xdp_pas'], /Did you mean 'xdp_pass'\?/],
    [['attach', 'redirect', '-i', 'lo'], /redirect needs --set to=…/],
    [['attach', 'redirect', '-i', 'lo', '--set', 'too=lo'], /redirect has no parameter 'too'.*It has: to, mac/],
    [['attach', 'vlan_swap', '-i', 'lo', '--set', 'vlan_id=1', '--set', 'vlan_id=2'], /--set vlan_id is given twice/],
    [['library', '--source'], /--source needs the NAME/],
    [['attach', 'icmp_echo'], /say where, with -i IF/],
  ];
  for (const [args, words] of cases) {
    const { status, stderr, stdout } = await xdpeek(['prog', ...args]);
    assert.match(stderr, words, args.join(' ').slice(0, 80));
    assert.equal(status, 2, stderr);
    assert.equal(stdout, '');
    assert.ok(stderr.length < 500);
  }
});

test('prog attach --help tells required and optional flags', async () => {
  const { status, stdout } = await xdpeek(['prog', 'attach', '--help']);
  assert.equal(status, 0);
  assert.match(stdout, /^Usage: xdpeek prog attach PROGRAM /m);
  assert.match(stdout, /--set VAR=VALUE/);
  const detach = await xdpeek(['link', 'detach', '--help']);
  assert.match(detach.stdout, /^Required options:\n +--expect PROGRAM/m);
});

test('prog attach NAME shows live verdicts until Ctrl-C, and takes the program off', () =>
  withPair({ prefix: 'xlc', quiet: true }, async (a, b) => {
    const running = await attached(['vlan_drop', '-i', `${b.ifname}@${b.netns}`]);
    const text = new Uint8Array(5);
    await addon.sendFrames({
      netns: a.netns,
      ifname: a.ifname,
      frames: [udpFrame(a, b, text, { tags: [{ id: 3 }] }), udpFrame(a, b, text), udpFrame(a, b, text, { family: 6 })],
    });
    await running.waitFor(/drop.*\b1\b/i);
    const { status, stderr } = await running.stop('SIGINT');
    assert.equal(status, 0, stderr);
    await nothingAttached(b.netns, b.ifname);
  }));

test('what sends frames back says on a veth in native mode where they may be lost, and nowhere else', () =>
  withPair({ prefix: 'xlc', quiet: true }, async (_a, b) => {
    const attach = (...args: string[]) =>
      xdpeek(['prog', 'attach', ...args, '-i', `${b.ifname}@${b.netns}`, '--duration', '0.1']);
    assert.match((await attach('icmp_echo')).stderr, /A veth takes what is sent back in native mode only while/);
    assert.doesNotMatch((await attach('icmp_echo', '--mode', 'generic')).stderr, /A veth takes/);
    assert.doesNotMatch((await attach('vlan_drop')).stderr, /A veth takes/);
  }));

test('prog attach redirect_map fills both maps from its words, in the namespace of its interface', () =>
  withNetwork({ prefix: 'xlc' }, async (network) => {
    const [s, m, d] = [await network.namespace('s'), await network.namespace('m'), await network.namespace('d')];
    const [source, arrival] = await network.veth(s, m, { ifname: 'in0', quiet: true });
    const [, destination] = await network.veth(m, d, { ifname: 'out0', quiet: true });
    await withFolder(async (folder) => {
      const running = await attached([
        ...['redirect_map', '-i', 'in0', '--netns', m, '--mode', 'generic', '--set', 'to=out0'],
        ...['--set', `pairs=${source.mac}=${destination.mac}`, '--set', 'pairs=02:00:00:00:00:09=02:00:00:00:00:0a'],
      ]);
      const witness = await startTcpdump(destination, path.join(folder, 'd.pcap'), { direction: 'in' });
      const frames = [4, 6].flatMap((family) => numberedFrames(source, arrival, 5, 20, { family: family as 4 | 6 }));
      await addon.sendFrames({ netns: s, ifname: 'in0', frames });
      const arrived = await witness.finish(10);
      assert.deepEqual(
        arrived.map(({ bytes }) => hex(bytes)),
        frames.map((frame) => destination.mac.replaceAll(':', '') + hex(frame.subarray(6))),
      );
      await running.stop('SIGTERM');
      await nothingAttached(m, 'in0');
    });
    const wrong = await xdpeek(['prog', 'attach', 'redirect', '-i', `in0@${m}`, '--set', 'to=nowhere0']);
    assert.equal(wrong.status, 1);
    assert.match(wrong.stderr, /there is no interface "nowhere0" in network namespace .*in0.*out0/);
    await nothingAttached(m, 'in0');
  }));

test('prog load of a refused reader shows the instruction, the line and the reason', async () => {
  const { status, stderr } = await xdpeek(['prog', 'load', 'tail_read_end']);
  assert.equal(status, 1);
  assert.match(stderr, /tail_read\.bpf\.c:\d+: .*verdict\(ctx, \*last\)/);
  assert.match(stderr, /→ .*\n.*R1 invalid mem access 'pkt_end'/);
});
