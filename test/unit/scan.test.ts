/**
 * Filters that look at headers first, and the threads that scan with them: what they find is what a walk finds that dissects every packet in
 * order. Over all samples, over a capture of several chunks, while it grows, and when nobody wants to know any more.
 */
import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import '../../electron/session/platform.ts';
import { dissect } from '../../electron/packets/dissect/index.ts';
import { PROTOCOLS } from '../../electron/packets/dissect/registry.ts';
import { heuristics } from '../../electron/packets/dissect/tables.ts';
import { DisplayFilter } from '../../electron/packets/filter/index.ts';
import { isSimple } from '../../electron/packets/filter/plain-packet.ts';
import { DISSECT, QuickFilter, YES } from '../../electron/packets/filter/quick.ts';
import { CaptureParser } from '../../electron/packets/pcap/capture-parser.ts';
import { CaptureState } from '../../electron/packets/state/capture-state.ts';
import { CHUNK_ROWS } from '../../electron/packets/store/column.ts';
import { PacketStore } from '../../electron/packets/store/packet-store.ts';
import { FilterView } from '../../electron/session/analysis/filter-view.ts';
import { frameOf, timeOf } from '../../electron/session/analysis/table-row.ts';
import { FileBytes } from '../../electron/session/files/file-bytes.ts';
import type { PacketTable } from '../../electron/session/rows.ts';
import { isParallel, ParallelFilter } from '../../electron/session/scan/parallel-filter.ts';
import { PROTOCOL_SAMPLES } from '../golden/protocol-samples.ts';
import { SAMPLES, type Sample, sampleFile } from '../golden/samples.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'xdpeek-scan-'));
const open: number[] = [];
after(() => {
  for (const fd of open) closeSync(fd);
  rmSync(folder, { recursive: true, force: true });
});

const FRAMES: Sample['frames'] = Object.values({ ...SAMPLES, ...PROTOCOL_SAMPLES })
  .filter(({ linkType }) => linkType === 1)
  .flatMap(({ frames }) => frames);
const MANY = Math.ceil((1.2 * CHUNK_ROWS) / FRAMES.length);

/** The same frame between other hosts: what is repeated must not be one endless conversation. */
function elsewhere({ bytes, wireLen }: Sample['frames'][number], turn: number): Sample['frames'][number] {
  const moved = bytes.slice();
  const places =
    moved[12] === 0x08 && moved[13] === 0 ? [27, 31] : moved[12] === 0x86 && moved[13] === 0xdd ? [24, 40] : [];
  for (const at of places) if (at < moved.length) moved[at]! += turn;
  return wireLen === undefined ? { bytes: moved } : { bytes: moved, wireLen };
}

interface Capture {
  table: PacketTable;
  /** Rows up to here are stored. */
  store(upTo: number): void;
  rows: number;
}

/** A capture in a file, whose rows are stored as the test says. */
function capture(name: string, frames: Sample['frames']): Capture {
  const bytes = sampleFile({ linkType: 1, frames });
  const file = path.join(folder, name);
  writeFileSync(file, bytes);
  const fd = openSync(file, 'r');
  open.push(fd);
  const source = new FileBytes(fd);
  const store = new PacketStore(source, true);
  const found: Parameters<PacketStore['packet']>[] = [];
  const parser = new CaptureParser({ packet: (...row) => void found.push(row) });
  parser.push(bytes);
  store.baseNs = parser.baseNs;
  const interfaces = parser.interfaces.map(({ linkType }) => ({ name: 'sample0', linkType }));
  return {
    table: { store, source, pcapng: true, interfaces },
    store: (upTo) => {
      for (const row of found.slice(store.count, upTo)) store.packet(...row);
    },
    rows: found.length,
  };
}

function whole(name: string, frames: Sample['frames']): Capture {
  const made = capture(name, frames);
  made.store(made.rows);
  return made;
}

/** Every packet is dissected, in order; `skip` says which are not. */
function walk(table: PacketTable, filter: DisplayFilter, skip?: (row: number) => boolean | undefined): number[] {
  const state = new CaptureState();
  const matching: number[] = [];
  for (let row = 0; row < table.store.count; row++) {
    const known = skip?.(row);
    if (known) matching.push(row);
    if (known !== undefined) continue;
    state.group = 0;
    const context = { number: row + 1, timeNs: timeOf(table, row), state };
    const d = dissect(table.store.packetBytes(row).slice(), 1, table.store.wireLen(row), context);
    if (filter.test(d, frameOf(table, row, false))) matching.push(row);
  }
  return matching;
}

function quick(table: PacketTable, filter: DisplayFilter): { rows: number[]; dissected: number } {
  const asked = new QuickFilter(filter);
  let dissected = 0;
  const rows = walk(table, filter, (row) => {
    const answer = asked.ask(table.store.packetBytes(row), 1);
    if (answer !== DISSECT) return answer === YES;
    dissected++;
    return undefined;
  });
  return { rows, dissected };
}

function parallel(table: PacketTable, text: string): Promise<number[]> {
  const filter = new DisplayFilter(text);
  assert.ok(isParallel(table, filter), `${text} is left to the threads`);
  const rows: number[] = [];
  return new Promise((resolve, reject) => {
    const running = ParallelFilter.start(table, filter, {
      found: (more) => rows.push(...more),
      advanced: (scanned) => {
        if (scanned < table.store.count) return;
        running!.end();
        resolve(rows);
      },
      failed: () => reject(new Error('the threads failed')),
    });
    assert.ok(running, 'there are threads');
    running.poke();
  });
}

const FILTERS = readFileSync(path.join(import.meta.dirname, '../golden/filters.txt'), 'utf8')
  .trim()
  .split('\n');

describe('headers first', () => {
  const { table } = whole('samples.pcapng', FRAMES);

  test(`${FILTERS.length} filters select what they select when every packet is dissected`, () => {
    const wrong = FILTERS.filter((text) => {
      const filter = new DisplayFilter(text);
      return walk(table, filter).join() !== quick(table, filter).rows.join();
    });
    assert.deepEqual(wrong, []);
  });

  test('ports, addresses and flags are told from headers; what belongs to one protocol looks only at its ports', () => {
    const share = (text: string) => quick(table, new DisplayFilter(text)).dissected / table.store.count;
    const others = share('tcp.port == 443');
    for (const text of ['ip.addr == 10.0.0.1', 'udp.port in {53, 67..68}', 'tcp.flags.syn == 1 && !ipv6'])
      assert.equal(share(text), others, text);
    assert.ok(others < share('dns.qry.name') && share('dns.qry.name') < share('tcp.analysis.retransmission'));
  });

  test('protocols that are asked what bytes look like are known as simple: else every unknown port is dissected', () => {
    const unknown = [...heuristics('tcp'), ...heuristics('udp')]
      .map(({ name }) => name)
      .filter((name) => !isSimple(name));
    assert.deepEqual(unknown, [], 'say in plain-packet.ts whether it can carry other protocols');
  });

  test('no tunnel is taken for simple', () => {
    const lower = (tables: string[]) => tables.some((table) => !['tcp.port', 'udp.port'].includes(table));
    const tunnels = PROTOCOLS.filter(({ name, binds }) => isSimple(name) && lower(Object.keys(binds)));
    assert.deepEqual(
      tunnels.map(({ name }) => name),
      [],
    );
    for (const name of ['vxlan', 'geneve', 'gre', 'mpls', 'sctp']) assert.ok(!isSimple(name), name);
  });
});

describe('scan threads', () => {
  const frames = Array.from({ length: MANY }, (_, turn) => FRAMES.map((frame) => elsewhere(frame, turn))).flat();
  const many = whole('many.pcapng', frames);

  for (const text of [
    'tcp.port == 443',
    'dns.qry.name contains "example"',
    'udp && !dns',
    'tcp.analysis.flags',
    'ip.addr == 10.0.0.0/8 and not tcp.flags.push == 1',
    'tcp.stream == 3 or udp.stream == 2',
    'http.request or tls.handshake.type == 1',
    'arp or icmp',
  ])
    test(`${text}: the rows of the walk, in its order`, async () => {
      const found = await parallel(many.table, text);
      assert.deepEqual(found, walk(many.table, new DisplayFilter(text)));
      assert.ok(found.length > 0, 'the samples have such packets');
    });

  test('a capture that grows: each part is looked at once, and the state goes on', async () => {
    const growing = capture('growing.pcapng', frames);
    const text = 'tcp.analysis.flags or dns.response_to';
    growing.store(30_000);
    const view = new FilterView(growing.table, text);
    for (let upTo = 30_000; ; upTo = Math.min(growing.rows, upTo + 17_001)) {
      growing.store(upTo);
      await view.whole(AbortSignal.timeout(60_000), () => {});
      assert.equal(view.scanned, upTo);
      if (upTo === growing.rows) break;
    }
    const rows = Array.from({ length: view.count }, (_, index) => view.row(index));
    view.end();
    assert.deepEqual(rows, walk(growing.table, new DisplayFilter(text)));
  });

  test('what is ended says nothing more, and the next one is served', async () => {
    let told = 0;
    const running = ParallelFilter.start(many.table, new DisplayFilter('tcp.analysis.flags'), {
      found: () => told++,
      advanced: () => told++,
      failed: () => told++,
    })!;
    running.poke();
    running.end();
    const rows = await parallel(many.table, 'arp');
    assert.ok(rows.length > 0);
    assert.equal(told, 0);
  });

  test('a file that cannot be read by the threads is looked at here', async () => {
    const { table } = many;
    const source = { fd: 987_654, read: (offset: number, length: number) => table.source.read(offset, length) };
    const view = new FilterView({ ...table, source }, 'tcp.port == 443');
    await view.whole(AbortSignal.timeout(60_000), () => {});
    assert.equal(view.count, walk(table, new DisplayFilter('tcp.port == 443')).length);
    view.end();
  });

  test('what is said about packets stays here', () => {
    for (const text of [
      'frame.marked',
      'frame.comment contains "x"',
      '_ws.col.Info contains "x"',
      'frame.time_delta_displayed > 1',
    ])
      assert.equal(isParallel(many.table, new DisplayFilter(text)), false, text);
  });
});
