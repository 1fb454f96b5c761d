/** Everything that can be in the way of a capture: one clear line, the right status, nothing left attached, nothing lost. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { wholeBlocks } from '../../electron/session/files/blocks.ts';
import { capturing, nothingAttached, packetsByTshark, withFolder, xdpeek, xdpeekAsNobody } from './cli-lib.ts';
import { addon } from './lib/addon.ts';
import { ETHERTYPE, ethernet, pattern } from './lib/frames.ts';
import { type VethEnd, withPair } from './lib/network.ts';
import { attempt, eventually, type RunResult, run } from './lib/process.ts';

const PREFIX = { prefix: 'xl' };

/** Status, exactly one line, and words that must be in it. */
function refused({ status, stdout, stderr }: RunResult, wanted: number, ...words: RegExp[]): void {
  assert.equal(status, wanted, stderr);
  assert.equal(stdout, '');
  assert.match(stderr, /^xdpeek: [^\n]+\n$/);
  for (const word of words) assert.match(stderr, word);
}

async function flood(a: VethEnd, b: VethEnd, repeat: number): Promise<void> {
  const frame = ethernet({ source: a.mac, destination: b.mac, type: ETHERTYPE.ipv4 }, pattern(1000));
  await addon.sendFrames({ ifname: a.ifname, netns: a.netns, frames: [frame], repeat });
}

describe('usage', () => {
  test('wrong commands and options: status 2, nothing on standard output', async () => {
    refused(await xdpeek(['dmup']), 2, /unknown command 'dmup'/, /Did you mean 'xdpeek dump'\?/);
    refused(await xdpeek(['dump']), 2, /-i IF is missing/);
    refused(await xdpeek(['dump', '-i', 'lo', '--frobnicate']), 2, /unknown option --frobnicate/);
    refused(await xdpeek(['dump', '-i', 'lo', '-w', 'x', '-x']), 2, /choose one/);
    refused(await xdpeek(['read', 'x', '-T', 'fields']), 2, /-e FIELD/);
    refused(await xdpeek(['read', 'x', '-T', 'fields', '-e', 'ip.scr']), 2, /no field 'ip.scr'/, /ip\.src/);
    refused(await xdpeek(['--version', 'x']), 2);
  });

  test('--version and --help: status 0 on standard output', async () => {
    assert.match((await xdpeek(['--version'])).stdout, /^xdpeek \d+\.\d+\.\d+\n$/);
    const { status, stdout } = await xdpeek(['dump', '--help']);
    assert.equal(status, 0);
    assert.match(stdout, /Required options:\n {2}-i, --interface IF/);
  });
});

describe('attaching', () => {
  test('an unknown interface and an unknown namespace are named', () =>
    withPair(PREFIX, async (_, b) => {
      refused(await xdpeek(['dump', '-i', 'nosuch0', '--netns', b.netns]), 1, /nosuch0/);
      // A name that no other namespace of the machine has.
      const own = `own${process.pid}`;
      const rename = (to: string) =>
        run('ip', ['-n', b.netns, 'link', 'set', 'dev', to === own ? b.ifname : own, 'name', to]);
      await rename(own);
      for (const command of [['dump'], ['prog', 'attach', 'xdp_pass'], ['prog', 'run-xsk-echo']])
        refused(await xdpeek([...command, '-i', own]), 1, new RegExp(`network namespace ${b.netns} `));
      await rename(b.ifname);
      refused(await xdpeek(['dump', '-i', b.ifname, '--netns', 'xl-nosuch']), 1, /xl-nosuch/);
      for (const command of [['dump'], ['prog', 'attach', 'xdp_pass'], ['prog', 'run-xsk-echo']])
        refused(await xdpeek([...command, '-i', b.ifname, '--netns', 'pid:x']), 2, /^xdpeek: --netns is not a network/);
      for (const command of [
        ['ifaces'],
        ['map', 'set', 'm', '0', 'lo'],
        ['prog', 'attach', 'udp_local_only', '--udp', '9'],
      ])
        refused(await xdpeek([...command, '--netns', 'pid:x']), 2, /^xdpeek: --netns is not a network/);
      for (const hostile of ['../x', 'a/b', 'x'.repeat(16), 'a b', '%s'])
        assert.notEqual((await xdpeek(['dump', '-i', hostile])).status, 0, hostile);
    }));

  test('where no file can be written nothing is attached', () =>
    withPair(PREFIX, (_, b) =>
      withFolder(async (folder) => {
        const file = path.join(folder, 'file');
        writeFileSync(file, 'kept');
        const ring = ['--file-packets', '5'];
        const cases: [string, RegExp, string[]?][] = [
          [path.join(folder, 'none/x.pcapng'), /the folder of .* does not exist\. Make it first/],
          [path.join(folder, 'none/x.pcapng'), /the folder of .* does not exist\. Make it first/, ring],
          [path.join(file, 'x.pcapng'), /what should be the folder of .* is a file/],
          [path.join(folder, 'x'.repeat(300)), /the name .* is too long\. Choose a shorter one/],
          [folder, /is a folder\. Name a file in it/],
        ];
        for (const [write, says, more = []] of cases) {
          const result = await xdpeek(['dump', '-i', `${b.ifname}@${b.netns}`, '-w', write, ...more]);
          refused(result, 1, says);
          assert.doesNotMatch(result.stderr, /watching|packets/);
        }
        assert.equal(readFileSync(file, 'utf8'), 'kept');
      }),
    ));

  test('a file that is called .pcap or .gz gets pcapng, which is said', () =>
    withPair(PREFIX, (_, b) =>
      withFolder(async (folder) => {
        const on = ['dump', '-i', `${b.ifname}@${b.netns}`, '--duration', '0.1', '-w'];
        assert.match(
          (await xdpeek([...on, path.join(folder, 'a.pcap')])).stderr,
          /a\.pcap gets pcapng.*xdpeek convert/,
        );
        assert.match(
          (await xdpeek([...on, path.join(folder, 'a.pcapng.gz')])).stderr,
          /a\.pcapng\.gz gets pcapng.*xdpeek convert' compresses it/,
        );
        assert.doesNotMatch((await xdpeek([...on, path.join(folder, 'a.pcapng')])).stderr, /convert/);
      }),
    ));

  test('a program of somebody else stays, and is named', () =>
    withPair(PREFIX, async (_, b) => {
      const first = await capturing(['dump', '-i', b.ifname], b.netns);
      const before = addon.interfaces(b.netns).find(({ ifname }) => ifname === b.ifname)!.attached;
      const second = await withFolder(async (folder) => {
        const old = path.join(folder, 'old.pcapng');
        writeFileSync(old, 'precious');
        const result = await xdpeek(['dump', '-i', b.ifname, '-w', old], { netns: b.netns });
        assert.equal(readFileSync(old, 'utf8'), 'precious', 'a capture that cannot start leaves an older file alone');
        return result;
      });
      refused(second, 1, /already runs program/, new RegExp(`id ${before[0]!.programId}\\b`), /--hook tc-ingress/);
      const after = addon.interfaces(b.netns).find(({ ifname }) => ifname === b.ifname)!.attached;
      assert.deepEqual(after, before);
      await first.stop();
      await nothingAttached(b.netns, b.ifname);
    }));

  test('a driver without native XDP says so and what works', () =>
    withPair(PREFIX, async (_, b) => {
      refused(await xdpeek(['dump', '-i', 'lo', '--mode', 'native'], { netns: b.netns }), 1, /native/, /generic|auto/);
      await nothingAttached(b.netns, 'lo');
    }));

  test('without permission: says who could, attaches nothing; listing interfaces still works', () =>
    withPair(PREFIX, async (_, b) => {
      refused(await xdpeekAsNobody(['dump', '-i', b.ifname, '--netns', b.netns]), 1, /administrator|root|pkexec/);
      await nothingAttached(b.netns, b.ifname);
      const { status, stdout } = await xdpeekAsNobody(['ifaces', '--json']);
      assert.equal(status, 0);
      assert.ok(
        stdout
          .split('\n')
          .slice(0, -1)
          .map((line) => JSON.parse(line).ifname)
          .includes('lo'),
      );
    }));
});

describe('writing', () => {
  test('a full disk: whole packets stay readable, the loss is counted, status 1', () =>
    withPair({ ...PREFIX, quiet: true }, (a, b) =>
      withFolder(async (folder) => {
        await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'xl', folder]);
        try {
          const file = path.join(folder, 'f.pcapng');
          const dump = await capturing(['dump', '-i', b.ifname, '-w', file], b.netns);
          await flood(a, b, 4000);
          const { status, stderr } = await dump.ended;
          assert.equal(status, 1, stderr);
          assert.match(stderr, /^xdpeek: the disk is full/m);
          assert.match(stderr, /lost: .*\d packets? \(file could not take them\)/);
          const copy = path.join(path.dirname(folder), `${path.basename(folder)}.copy`);
          writeFileSync(copy, readFileSync(file));
          const packets = await packetsByTshark(copy);
          await run('rm', [copy, `${copy}.pcap`]);
          assert.ok(packets.length > 500, String(packets.length));
          const [, kept] = /^([\d,]+) packets .* captured/m.exec(stderr)!;
          assert.equal(packets.length, Number(kept!.replaceAll(',', '')));
          await nothingAttached(b.netns, b.ifname);
        } finally {
          await run('umount', [folder]);
        }
      }),
    ));

  test('a file that cannot be made: said in words, older files are left alone when the capture cannot start', () =>
    withPair(PREFIX, (a, b) =>
      withFolder(async (folder) => {
        const old = path.join(folder, 'old.pcapng');
        writeFileSync(old, 'precious');
        assert.equal((await xdpeek(['dump', '-i', 'nosuch0', '-w', old])).status, 1);
        assert.equal(readFileSync(old, 'utf8'), 'precious');
        // Only opening it tells.
        const link = path.join(folder, 'link');
        symlinkSync(old, link);
        const dump = await capturing(['dump', '-i', b.ifname, '-w', link], b.netns);
        await flood(a, b, 3);
        const { status, stderr } = await dump.ended;
        assert.equal(status, 1);
        assert.match(stderr, /link is a symbolic link, which xdpeek does not write through/);
        assert.equal(readFileSync(old, 'utf8'), 'precious');
        await nothingAttached(b.netns, b.ifname);
      }),
    ));

  test('standard output that is full is an error, one that nobody reads is not', async () => {
    const main = path.resolve(import.meta.dirname, '../../dist/cli/main.mjs');
    const shell = (rest: string) => attempt('bash', ['-c', `"${process.execPath}" "${main}" ${rest}`]);
    refused(await shell('ifaces > /dev/full'), 1, /standard output cannot be written: no space left/);
    const { status, stderr } = await shell('ifaces | true; exit $PIPESTATUS');
    assert.equal(status, 0, stderr);
    assert.equal(stderr, '');
  });

  test('what goes on until Ctrl-C is seen through a pipe as it comes, and ends with its reader', async () => {
    const main = path.resolve(import.meta.dirname, '../../dist/cli/main.mjs');
    const name = `errors${process.pid}`;
    assert.equal((await xdpeek(['map', 'create', name, '--type', 'hash', '--entries', '4'])).status, 0);
    try {
      for (const rest of ['stats -i lo', 'prog stats', `map watch ${name}`]) {
        const line = `"${process.execPath}" "${main}" ${rest} | head -1; exit $PIPESTATUS`;
        const { status, stdout, stderr } = await attempt('bash', ['-c', line], { timeoutMs: 20_000 });
        assert.equal(status, 0, `${rest}: ${stderr}`);
        assert.match(stdout, /^20\d\d-.*\n$/, rest);
      }
    } finally {
      await xdpeek(['map', 'unpin', name]);
    }
  });
});

describe('dying', () => {
  const privilegedOf = (parent: number): number | undefined =>
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .find((pid) => {
        const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : '';
        return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] === String(parent);
      });

  test('kill -9 of the root process: said, detached, the file is good', () =>
    withPair({ ...PREFIX, quiet: true }, (a, b) =>
      withFolder(async (folder) => {
        const file = path.join(folder, 'f.pcapng');
        const dump = await capturing(['dump', '-i', b.ifname, '-w', file], b.netns);
        await flood(a, b, 100);
        await eventually(
          'all are in the file',
          () => existsSync(file) && wholeBlocks(readFileSync(file)).packets === 100,
        );
        process.kill(privilegedOf(dump.pid)!, 'SIGKILL');
        const { status, stderr } = await dump.ended;
        assert.equal(status, 1);
        assert.match(stderr, /SIGKILL/);
        assert.match(stderr, /^100 packets captured in .*\nwhat was seen and lost is not known/m);
        assert.doesNotMatch(stderr, /0 packets lost/);
        assert.equal((await packetsByTshark(file)).length, 100);
        await nothingAttached(b.netns, b.ifname);
      }),
    ));

  test('kill -9 of the command itself: the root process follows, nothing stays attached', () =>
    withPair(PREFIX, async (_, b) => {
      const dump = await capturing(['dump', '-i', b.ifname], b.netns);
      const child = privilegedOf(dump.pid)!;
      await dump.stop('SIGKILL');
      await nothingAttached(b.netns, b.ifname);
      await eventually('the root process is gone', () => !existsSync(`/proc/${child}`));
    }));

  test('the interface going away ends the capture with its name', () =>
    withPair(PREFIX, async (a, b) => {
      const dump = await capturing(['dump', '-i', b.ifname], b.netns);
      await run('ip', ['-n', a.netns, 'link', 'delete', a.ifname]);
      const { status, stderr } = await dump.ended;
      assert.equal(status, 1);
      assert.match(stderr, new RegExp(b.ifname));
    }));
});

describe('reading', () => {
  test('what is no capture, cut short, missing or a folder', () =>
    withFolder(async (folder) => {
      const file = (name: string, bytes: Uint8Array) => {
        writeFileSync(path.join(folder, name), bytes);
        return path.join(folder, name);
      };
      refused(await xdpeek(['read', file('garbage', Buffer.from('not a capture at all'))]), 1, /not a pcap or pcapng/);
      refused(await xdpeek(['read', file('empty', Buffer.alloc(0))]), 1, /empty/);
      refused(await xdpeek(['read', path.join(folder, 'none')]), 1, /no such file/);
      refused(await xdpeek(['read', folder]), 1, /folder/);
    }));
});
