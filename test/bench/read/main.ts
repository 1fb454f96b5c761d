/**
 * `npm run bench:read [-- --rounds N --packets N --large N]`: reading a large capture, ours and others', in turn on the same file.
 * About three minutes by default; a run that takes longer than three is ended, and a side that fails or is missing is left out.
 *
 * Workload: a pcapng file from mixture.c (TLS, HTTP and other TCP connections, DNS, UDP, a third IPv6; about 730 bytes a packet) on tmpfs, so that disks
 * do not count. Output goes to /dev/null. tshark keeps state and dissects everything; `xdpeek read` keeps the state that its lines need, and dissects the
 * packets that say more than a line of TCP, TLS, HTTP or UDP tells, on all CPUs; tcpdump looks at each packet by itself and goes less deep; capinfos only reads the
 * blocks. What the session does is measured in a process of its own, its start not counted; the window is not part of it. `--large 0` leaves the second,
 * larger file out.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { aligned, type Goal, goals, median, spread } from '../capture/report.ts';
import { XDPEEK } from '../capture/sides.ts';
import { measure, type Run } from './measure.ts';
import type { SessionFigures } from './session.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '2' },
    packets: { type: 'string', default: '1000000' },
    large: { type: 'string', default: '10000000' },
  },
});
const ROUNDS = Number(values.rounds);
const PACKETS = Number(values.packets);
const LARGE = Number(values.large);
const PORTS = 'tcp.port == 443';
/** Starts the threads, and is looked at as little as the first display filter of a session is. */
const FIRST = 'udp.port == 53';
const DEEP = 'dns.qry.name contains "host1"';
const SHARED_MEMORY = '/dev/shm';

const say = (text: string) => process.stdout.write(`${text}\n`);

function make(folder: string, packets: number): string {
  const file = path.join(folder, `${packets}.pcapng`);
  execFileSync('make', ['-s', '-C', import.meta.dirname]);
  execFileSync(path.resolve(import.meta.dirname, '../../output/generator/mixture'), [file, String(packets)]);
  return file;
}

function sides(file: string): Map<string, string[]> {
  return new Map([
    ['tshark -r', ['tshark', '-n', '-r', file]],
    ['xdpeek read', [process.execPath, XDPEEK, 'read', file]],
    ['tcpdump -nr', ['tcpdump', '-nr', file]],
    ['capinfos', ['capinfos', '-c', file]],
    ['tshark -Y ports', ['tshark', '-n', '-r', file, '-Y', PORTS]],
    ['xdpeek read -Y ports', [process.execPath, XDPEEK, 'read', file, '-Y', PORTS]],
  ]);
}

async function session(file: string): Promise<{ figures: SessionFigures; run: Run }> {
  const script = path.join(import.meta.dirname, 'session.ts');
  const run = await measure([process.execPath, script, file, JSON.stringify([FIRST, PORTS, DEEP])], true);
  return { figures: JSON.parse(run.output) as SessionFigures, run };
}

/** Who can run here: others' tools may be missing. */
function able(all: Map<string, string[]>): Map<string, string[]> {
  const present = (program: string) =>
    program === process.execPath ||
    (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(path.join(folder, program)));
  for (const [name, [program]] of all)
    if (!present(program!)) {
      say(`${name} cannot run here: ${program} is not installed`);
      all.delete(name);
    }
  return all;
}

const folder = mkdtempSync(path.join(SHARED_MEMORY, 'xdpeek-bench-read-'));
const met: Goal[] = [];
try {
  const file = make(folder, PACKETS);
  say(
    `${PACKETS / 1e6} M packets, ${(statSync(file).size / 1e6).toFixed(0)} MB, ${ROUNDS} rounds, medians [least–most]\n`,
  );
  const runs = new Map<string, Run[]>();
  const opened: SessionFigures[] = [];
  const commands = able(sides(file));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, command] of commands) {
      try {
        runs.set(name, [...(runs.get(name) ?? []), await measure(command)]);
      } catch (error) {
        say(`${name} is left out: ${(error as Error).message}`);
        runs.delete(name);
        commands.delete(name);
      }
    }
    opened.push((await session(file)).figures);
    process.stderr.write(`round ${round + 1} of ${ROUNDS}\n`);
  }
  const base = runs.get('tshark -r');
  const faster = (name: string) => runs.get(name)?.map(({ seconds }, i) => base![i]!.seconds / seconds);
  say(
    aligned([
      ['side', 'seconds', 'kpackets/s', '× tshark -r', 'peak memory'],
      ...[...runs].map(([name, all]) => {
        const seconds = all.map((run) => run.seconds);
        const ratio = base ? `${spread(faster(name)!, 2)}×` : '';
        const memory = `${(Math.max(...all.map(({ peakBytes }) => peakBytes)) / 1e6).toFixed(0)} MB`;
        return [name, spread(seconds, 2), (PACKETS / 1e3 / median(seconds)).toFixed(0), ratio, memory];
      }),
    ]),
  );
  const of = (pick: (figures: SessionFigures) => number) => opened.map(pick);
  // The first filter starts the threads: it is said and not judged.
  const figures: [string, number[]][] = [
    ['first rows, ms', of(({ firstRowsMs }) => firstRowsMs)],
    ['opened and indexed, Mpps', of(({ packets, indexMs }) => packets / indexMs / 1e3)],
    [`${FIRST}, threads not started, s`, of(({ filters }) => filters[0]!.ms / 1e3)],
    [`${PORTS}, s`, of(({ filters }) => filters[1]!.ms / 1e3)],
    [`${DEEP}, s`, of(({ filters }) => filters[2]!.ms / 1e3)],
    ['event loop held up at most, opening, ms', of(({ blockedMs }) => blockedMs.open)],
    ['… filtering, ms', of(({ blockedMs }) => blockedMs.filter)],
    ['… exporting, ms', of(({ blockedMs }) => blockedMs.export)],
    ['60 rows anywhere, slowest, ms', of(({ scrollMs }) => scrollMs)],
  ];
  say(`\n${aligned([['session', 'figure'], ...figures.map(([what, all]) => [what, spread(all, 2)])])}\n`);
  const value = (at: number) => median(figures[at]![1]);
  met.push(
    { what: 'first rows, ms', value: value(0), bar: 200, better: 'less' },
    { what: 'opened and indexed, Mpps', value: value(1), bar: 2, better: 'more' },
    { what: `${PORTS}, s a million`, value: (value(3) * 1e6) / PACKETS, bar: 0.3, better: 'less' },
    { what: 'dns.qry.name, s a million', value: (value(4) * 1e6) / PACKETS, bar: 1.5, better: 'less' },
    { what: 'columns, bytes a packet', value: opened[0]!.bytesPerPacket, bar: 40, better: 'less' },
  );
  const ours = base && faster('xdpeek read');
  if (ours) met.push({ what: 'read, × tshark', value: median(ours), bar: 10, better: 'more' });
  rmSync(file);
  if (LARGE > 0) {
    const { figures: big, run } = await session(make(folder, LARGE));
    say(
      `${big.packets / 1e6} M packets: indexed in ${(big.indexMs / 1e3).toFixed(1)} s, ${big.filters
        .map(({ text, ms, rows }) => `${text} ${(ms / 1e3).toFixed(1)} s (${rows} rows)`)
        .join(
          ', ',
        )}, 60 rows in ${big.scrollMs.toFixed(0)} ms at most, ${(big.exportedBytes / 1e9).toFixed(1)} GB copied out in ${(
        big.exportMs / 1e3
      ).toFixed(1)} s, event loop held up ${Object.entries(big.blockedMs)
        .map(([phase, ms]) => `${ms.toFixed(0)} ms (${phase})`)
        .join(', ')} at most`,
    );
    const what = `${LARGE / 1e6} M packets: session without a window, peak GB`;
    met.push({ what, value: run.peakBytes / 1e9, bar: 1.5, better: 'less' });
  }
  say(`\ngoals of PERFORMANCE\n${goals(met)}`);
} finally {
  rmSync(folder, { recursive: true });
}
