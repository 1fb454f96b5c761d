/** `prog run` and `prog test`: programs of the library, of bpftool's and of objects made here, on packets whose outcome is known. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { RunChange, RunMapChange, RunResult } from '../../electron/shared/workbench-api.ts';
import { withFolder, xdpeek } from './cli-lib.ts';
import { echoFrame, replyTo } from './lib/echo-frames.ts';
import { type Endpoint, udpFrame } from './lib/frames.ts';
import { attempt, run, start } from './lib/process.ts';

const A: Endpoint = { mac: '02:77:00:00:00:01', ipv4: '10.77.0.1', ipv6: 'fd77::1' };
const B: Endpoint = { mac: '02:77:00:00:00:02', ipv4: '10.77.0.2', ipv6: 'fd77::2' };
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

type Printed = Omit<RunResult, 'before' | 'after'> & { before: string; after: string; programId: number };

async function runOn(program: string, packet: Uint8Array, ...more: string[]): Promise<Printed> {
  const result = await xdpeek(['prog', 'run', program, '--data', hex(packet), '--json', ...more]);
  assert.equal(result.status, 0, result.stderr);
  return JSON.parse(result.stdout) as Printed;
}

async function refused(args: string[], message: RegExp, status = 1): Promise<void> {
  const result = await xdpeek(['prog', ...args]);
  assert.match(result.stderr, message);
  assert.equal(result.status, status, result.stderr);
}

/** An object of its own: helpers by number, no headers needed. */
async function compiled(folder: string, source: string): Promise<string> {
  const object = path.join(folder, 'made.bpf.o');
  const head = `
    #define SEC(name) __attribute__((section(name), used))
    typedef unsigned int u32; typedef unsigned long long u64;
    struct xdp_md { u32 data, data_end; }; struct __sk_buff { u32 len; };
    static long (*printk)(const char *, u32, ...) = (void *)6;
    static long (*redirect)(u32, u64) = (void *)23;
    char _license[] SEC("license") = "GPL";`;
  await run('clang', ['-g', '-O2', '-target', 'bpf', '-x', 'c', '-c', '-', '-o', object], { input: head + source });
  return object;
}

const PRINTS = `
  SEC("xdp") int says(struct xdp_md *ctx) { char text[] = "length %d"; printk(text, sizeof text, ctx->data_end - ctx->data); return 1; }
  SEC("xdp") int sends(struct xdp_md *ctx) { return redirect(1, 0); }
  SEC("xdp") int odd(struct xdp_md *ctx) { return 77; }
  SEC("tc") int unspec(struct __sk_buff *skb) { return -1; }
  SEC("tc") int shot(struct __sk_buff *skb) { return 2; }
  SEC("socket") int some(struct __sk_buff *skb) { return skb->len / 2; }
  SEC("tracepoint/syscalls/sys_enter_execve") int traced(void *ctx) { return 0; }`;

const change = ({ changes }: Printed, field: string): Pick<RunChange, 'before' | 'after'> | undefined => {
  const found = changes.find((each) => each.field === field);
  return found && { before: found.before!, after: found.after! };
};

describe('a packet through a program', () => {
  for (const family of [4, 6] as const)
    test(`icmp_echo on an echo request (IPv${family}): TX, addresses swapped, type and checksum changed and named`, async () => {
      const result = await runOn('icmp_echo', echoFrame(A, B, { family }));
      assert.equal(result.verdictName, 'XDP_TX');
      assert.equal(result.fate, 'tx');
      assert.equal(result.after, hex(replyTo(A, B, { family })), 'as a stack would answer, byte for byte');
      const ip = family === 4 ? 'ip' : 'ipv6';
      const icmp = family === 4 ? 'icmp' : 'icmpv6';
      const [a, b] = family === 4 ? [A.ipv4, B.ipv4] : [A.ipv6, B.ipv6];
      assert.deepEqual(change(result, 'eth.src'), { before: A.mac, after: B.mac });
      assert.deepEqual(change(result, 'eth.dst'), { before: B.mac, after: A.mac });
      assert.deepEqual(change(result, `${ip}.src`), { before: a, after: b });
      assert.deepEqual(change(result, `${ip}.dst`), { before: b, after: a });
      assert.match(change(result, `${icmp}.type`)!.before!, family === 4 ? /^8 / : /128/);
      assert.match(change(result, `${icmp}.type`)!.after!, family === 4 ? /^0 / : /129/);
      assert.match(change(result, `${icmp}.checksum`)!.after!, /\[correct\]/);
      assert.equal(result.changes.length, 6, 'and nothing else');
      const counted = result.maps.filter(({ map, key }: RunMapChange) => map === 'verdicts' && key === '3');
      assert.deepEqual(
        counted.map(({ member, before, after }) => [member.replace(/^CPU \d+: /, ''), before, after]),
        [
          ['packets', '0', '1'],
          ['bytes', '0', String(result.before.length / 2)],
        ],
      );
    });

  test('the text names what changed; -x prints both images', async () => {
    const result = await xdpeek(['prog', 'run', 'icmp_echo', '--data', hex(echoFrame(A, B)), '-x', '--repeat', '1000']);
    assert.match(result.stdout, /^icmp_echo \(xdp, id \d+\): XDP_TX, \d+ ns per run \(1,000 runs\), 98 bytes$/m);
    assert.match(result.stdout, /^ip\.src +Source Address +10\.77\.0\.1 +10\.77\.0\.2$/m);
    assert.match(result.stdout, /^icmp\.type +Type +8 \(Echo \(ping\) request\) +0 \(Echo \(ping\) reply\)$/m);
    assert.match(result.stdout, /^Before:\n0000 {2}02 77 00 00 00 02 02 77 00 00 00 01/m);
    assert.match(result.stdout, /^After:\n0000 {2}02 77 00 00 00 01 02 77 00 00 00 02/m);
  });

  test('a tag put in front: the packet is longer, its fields are new', async () => {
    const packet = udpFrame(A, B, new Uint8Array(30));
    const result = await runOn('vlan_swap', packet);
    assert.equal(result.after.length / 2, packet.length + 4);
    assert.equal(change(result, 'vlan.id')?.before, undefined);
    assert.ok(Number(change(result, 'vlan.id')?.after) > 0);
  });

  test('verdicts by type of program; redirects and unknown ones say so', () =>
    withFolder(async (folder) => {
      const object = await compiled(folder, PRINTS);
      const packet = udpFrame(A, B, new Uint8Array(30));
      const verdict = async (program: string) => {
        const { verdictName, fate } = await runOn(`${object}:${program}`, packet);
        return `${verdictName} ${fate}`;
      };
      assert.equal(await verdict('unspec'), 'TC_ACT_UNSPEC pass');
      assert.equal(await verdict('shot'), 'TC_ACT_SHOT drop');
      assert.equal(await verdict('odd'), '77 other');
      const redirected = await runOn(`${object}:sends`, packet);
      assert.equal(redirected.verdictName, 'XDP_REDIRECT');
      assert.match(redirected.notes.join('\n'), /sends nothing/);
      const half = (length: number) => `${length >> 1} of ${length} bytes let through`;
      const whole = await runOn(`${object}:some`, packet);
      assert.equal(whole.verdictName, half(packet.length));
      assert.equal(whole.after, whole.before);
      const behind = await runOn(`${object}:some`, packet, '--begin', 'network');
      assert.equal(behind.verdictName, half(packet.length - 14));
      await refused(
        ['run', `${object}:traced`, '--data', hex(packet)],
        /of type tracepoint: such programs are not run/,
      );
      await refused(
        ['run', object, '--data', hex(packet)],
        /has 6 programs that can be run: say which.*says, sends/,
        2,
      );
    }));

  test('bpf_printk lines of this run, none of anybody else', () =>
    withFolder(async (folder) => {
      const object = await compiled(folder, PRINTS);
      const packet = path.join(folder, 'packet');
      writeFileSync(packet, udpFrame(A, B, new Uint8Array(100)));
      const pin = `/sys/fs/bpf/xr-${process.pid}`;
      const one = path.join(folder, 'one.bpf.o');
      await run('clang', ['-g', '-O2', '-target', 'bpf', '-x', 'c', '-c', '-', '-o', one], {
        input: `static long (*printk)(const char *, unsigned, ...) = (void *)6; char _license[] __attribute__((section("license"), used)) = "GPL";
          __attribute__((section("xdp"), used)) int other(void *ctx) { char text[] = "other"; printk(text, sizeof text); return 2; }`,
      });
      await run('bpftool', ['prog', 'load', one, pin]);
      const noise = start('sh', ['-c', `while bpftool prog run pinned ${pin} data_in ${packet} repeat 20; do :; done`]);
      try {
        const result = await runOn(`${object}:says`, udpFrame(A, B, new Uint8Array(30)));
        assert.deepEqual(result.printed, ['length 72']);
        assert.equal(result.verdictName, 'XDP_DROP');
      } finally {
        await noise.stop('SIGTERM');
        await run('rm', ['-f', pin]);
      }
    }));

  test('programs that are loaded already run by id; ns are those that bpftool finds on the same bytes', () =>
    withFolder(async (folder) => {
      const pin = `/sys/fs/bpf/xn-${process.pid}`;
      const packet = path.join(folder, 'packet');
      const bytes = udpFrame(A, B, new Uint8Array(30), { tags: [{ id: 5 }] });
      writeFileSync(packet, bytes);
      const library = path.resolve(import.meta.dirname, '../../dist/bpf/library/traffic_calls.bpf.o');
      await run('bpftool', ['prog', 'load', library, pin]);
      try {
        const { id } = JSON.parse(await run('bpftool', ['-j', 'prog', 'show', 'pinned', pin])) as { id: number };
        const ours: number[] = [];
        const theirs: number[] = [];
        // The least of several, until both had the processor to themselves.
        const apart = () => Math.abs(Math.min(...ours) - Math.min(...theirs));
        for (let i = 0; i < 5 || (i < 30 && apart() > Math.max(1, Math.min(...theirs) * 0.2)); i++) {
          ours.push((await runOn(String(id), bytes, '--repeat', '300000')).nsPerRun);
          const said = await run('bpftool', ['prog', 'run', 'id', String(id), 'data_in', packet, 'repeat', '300000']);
          theirs.push(Number(/duration \(average\): (\d+)ns/.exec(said)?.[1]));
        }
        // On a machine that never leaves it to them, at least the same number of digits.
        const ratio = Math.max(1, Math.min(...ours)) / Math.max(1, Math.min(...theirs));
        assert.ok(ratio > 1 / 3 && ratio < 3, `ns: xdpeek ${ours}, bpftool ${theirs}`);
      } finally {
        await run('rm', ['-f', pin]);
      }
    }));

  test('packets of files: by number of a capture, hex dumps, plain hex', () =>
    withFolder(async (folder) => {
      const dump = path.join(folder, 'frame.txt');
      const frame = echoFrame(A, B);
      const lines = Array.from({ length: Math.ceil(frame.length / 16) }, (_, i) => {
        const bytes = [...frame.subarray(16 * i, 16 * i + 16)].map((byte) => byte.toString(16).padStart(2, '0'));
        return `${(16 * i).toString(16).padStart(4, '0')}  ${bytes.join(' ')}`;
      });
      writeFileSync(dump, `${lines.join('\n')}\n`);
      const pcap = path.join(folder, 'two.pcap');
      await run('text2pcap', ['-q', '-F', 'pcap', dump, pcap]);
      for (const from of [
        ['--hex-file', dump],
        ['--packet', pcap],
        ['--packet', `${pcap}:1`],
      ]) {
        const result = await xdpeek(['prog', 'run', 'icmp_echo', '--json', ...from]);
        assert.equal((JSON.parse(result.stdout) as Printed).before, hex(frame), from.join(' '));
      }
      await refused(['run', 'icmp_echo', '--packet', `${pcap}:2`], /has no packet 2: it has 1/);
      await refused(
        ['run', 'icmp_echo', '--packet', '/dev/null'],
        /\/dev\/null cannot be read: the file is empty\. Check that/,
      );
    }));

  test('bad input is told what it takes', async () => {
    await refused(['run', 'icmp_echo'], /a packet is needed, once/, 2);
    await refused(['run', 'icmp_echo', '--data', '00', '--packet', 'x.pcap'], /a packet is needed, once/, 2);
    await refused(['run', 'icmp_echo', '--data', '0g'], /"g" is no hexadecimal digit/, 2);
    await refused(['run', 'icmp_echo', '--data', '012'], /the last byte is half/, 2);
    await refused(['run', 'icmp_echo', '--data', '00'.repeat(13)], /has 13 bytes: the kernel runs none under 14/);
    const long = await xdpeek(['prog', 'run', 'icmp_echo', '--hex-file', '-'], { input: '00'.repeat(70_000) });
    assert.match(long.stderr, /has 70000 bytes; at most 65536 can be run/);
    await refused(['run', '4294967295', '--data', '00'.repeat(60)], /there is no program 4294967295/);
    await refused(['run', 'no_such', '--data', '00'.repeat(60)], /'no_such' is neither in the library nor a file/, 2);
    await refused(['run', 'icmp_echo', '--data', '00'.repeat(60), '--set', 'nothing=1'], /no parameter 'nothing'/, 2);
    await refused(['run', '7', '--data', '00'.repeat(60), '--save', '/dev/null'], /--save needs a program by file/, 2);
  });
});

describe('a folder of cases', () => {
  test('saved cases pass; what does not hold is named, with exit status 1', () =>
    withFolder(async (folder) => {
      const at = (name: string) => path.join(folder, name);
      const write = (name: string, value: unknown) => writeFileSync(at(name), JSON.stringify(value));
      await runOn('icmp_echo', echoFrame(A, B), '--save', at('a-v4.json'));
      await runOn('icmp_echo', echoFrame(A, B, { family: 6 }), '--save', at('b-v6.json'));
      const object = await compiled(folder, PRINTS);
      await runOn(`${object}:shot`, echoFrame(A, B), '--save', at('c-file.json'));
      assert.equal(JSON.parse(readFileSync(at('c-file.json'), 'utf8')).program, './made.bpf.o:shot');
      const good = await xdpeek(['prog', 'test', folder]);
      assert.match(
        good.stdout,
        /^ok {4}a-v4\.json {2}XDP_TX, \d+ ns\nok {4}b-v6\.json .*\nok {4}c-file\.json .*SHOT.*\n3 cases, 0 failed\n$/,
      );
      assert.equal(good.status, 0);

      const saved = JSON.parse(readFileSync(at('a-v4.json'), 'utf8')) as { packet: string; out: string };
      const wrong = Buffer.from(saved.out, 'hex');
      wrong[33]! ^= 1; // last byte of the destination
      write('d-verdict.json', { ...saved, verdict: 'drop' });
      write('e-bytes.json', { ...saved, out: wrong.toString('hex') });
      const mask = Buffer.alloc(wrong.length, 0xff);
      mask[33] = 0;
      write('f-masked.json', { ...saved, out: wrong.toString('hex'), mask: mask.toString('hex') });
      write('g-unknown.json', { ...saved, verdict: 'XDP_PERHAPS' });
      writeFileSync(at('h-broken.json'), '{');
      write('i-member.json', { ...saved, extra: 1 });
      write('j-id.json', { ...saved, program: '12' });
      write('k-length.json', { ...saved, out: '00' });
      const bad = await xdpeek(['prog', 'test', folder]);
      assert.equal(bad.status, 1);
      for (const line of [
        /^FAIL {2}d-verdict\.json\n {6}the verdict is XDP_TX, not drop$/m,
        /^FAIL {2}e-bytes\.json\n {6}ip\.checksum .*\n {6}ip\.dst is 10\.77\.0\.1, not 10\.77\.0\.0$/m,
        /^ok {4}f-masked\.json/m,
        /^FAIL {2}g-unknown\.json\n {6}"XDP_PERHAPS" is no verdict of a program of type xdp$/m,
        /^FAIL {2}h-broken\.json\n {6}it is no JSON/m,
        /^FAIL {2}i-member\.json\n {6}.*unknown member.*extra/m,
        /^FAIL {2}j-id\.json\n {6}.*not an id/m,
        /^FAIL {2}k-length\.json\n {6}the packet has 98 bytes afterwards, not 1$/m,
        /^11 cases, 7 failed$/m,
      ])
        assert.match(bad.stdout, line);
      const lines = (await xdpeek(['prog', 'test', folder, '--json'])).stdout.trim().split('\n');
      assert.deepEqual(
        lines.map((line) => (JSON.parse(line) as { passed: boolean }).passed),
        [true, true, true, false, false, true, false, false, false, false, false],
      );
    }));

  test('no folder, no cases: said, exit status 1', () =>
    withFolder(async (folder) => {
      await refused(['test', folder], /has no cases/);
      await refused(['test', path.join(folder, 'none')], /there is no such folder/);
      await refused(['test'], /DIR/, 2);
      assert.equal((await attempt('test', ['-e', folder])).status, 0);
    }));
});
