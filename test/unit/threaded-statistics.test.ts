/** Statistics by a scan thread: what it answers is what the session's own walk finds; while a capture grows, and when the thread is gone. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import '../../electron/session/platform.ts';
import { CHUNK_ROWS } from '../../electron/packets/store/column.ts';
import { PacketStore } from '../../electron/packets/store/packet-store.ts';
import { analysisHandlers } from '../../electron/session/analysis/handlers.ts';
import { FileData } from '../../electron/session/data/file-data.ts';
import { AnalysedTable } from '../../electron/session/rows.ts';
import { threadedStatistics } from '../../electron/session/scan/threaded-statistics.ts';
import type { AnalysisMethods, Progress } from '../../electron/shared/analysis.ts';
import { PROTOCOL_SAMPLES } from '../golden/protocol-samples.ts';
import { SAMPLES, sampleFile } from '../golden/samples.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'xdpeek-threaded-'));
const file = path.join(folder, 'many.pcapng');
const frames = Object.values({ ...SAMPLES, ...PROTOCOL_SAMPLES })
  .filter(({ linkType }) => linkType === 1)
  .flatMap((sample) => sample.frames);
const turns = Math.ceil((1.2 * CHUNK_ROWS) / frames.length);
writeFileSync(file, sampleFile({ linkType: 1, frames: Array.from({ length: turns }, () => frames).flat() }));

const data = await FileData.open(file);
await data.load(() => {});
// The threads keep no process alive.
const alive = setInterval(() => {}, 1000);
after(async () => {
  clearInterval(alive);
  await data.dispose();
  rmSync(folder, { recursive: true, force: true });
});

type Method = keyof AnalysisMethods;
type Handlers = Record<Method, (params: never) => unknown>;

const hostOf = (table: () => AnalysedTable) => ({ table, generation: () => 7, onProgress: () => {} });

/** Asks until everything was looked at. @param least calls that must find it unfinished */
async function ask(handlers: Handlers, method: Method, params: object, least = 0): Promise<unknown> {
  for (let calls = 0; ; calls++) {
    const answer = (await handlers[method](params as never)) as Progress;
    if (answer.scanned < answer.total) await new Promise((resolve) => setTimeout(resolve, 20));
    else {
      assert.ok(calls >= least, `${method} was there at once`);
      return answer;
    }
  }
}

const QUESTIONS: [Method, object][] = [
  ['analysis.overview', { filter: '' }],
  ['analysis.overview', { filter: 'udp or tcp.analysis.flags' }],
  ['analysis.overview', { filter: 'frame.number < 500' }],
  ...(['eth', 'ip', 'ipv6', 'tcp', 'udp'] as const).map((layer): [Method, object] => [
    'analysis.conversations',
    { filter: '', layer, sort: 'bytes', descending: true, start: 0, count: 200 },
  ]),
  ['analysis.endpoints', { filter: '', layer: 'ip', sort: 'address', descending: false, start: 3, count: 50 }],
  ['analysis.io', { lines: [{ filter: 'tcp', fn: 'bytes' }], intervalNs: 0 }],
  ['analysis.io', { lines: [{ filter: '', fn: 'sum', field: 'frame.len' }], intervalNs: 0 }],
  ['analysis.follow', { kind: 'tcp', stream: 3, start: 0, maxBytes: 65_536 }],
  ['analysis.tcp', { stream: 3 }],
];

describe('a thread answers as the session does', () => {
  const own = analysisHandlers(hostOf(() => data.table)) as Handlers;
  const threaded = threadedStatistics(hostOf(() => data.table)) as Handlers;
  for (const [method, params] of QUESTIONS)
    test(`${method} ${JSON.stringify(params)}`, async () => {
      const found = await ask(threaded, method, params);
      assert.deepEqual(found, await ask(own, method, params));
    });

  test('the session itself walks through nothing for it', async () => {
    const table = new AnalysedTable(data.table);
    const statistics = Object.getOwnPropertyNames(Object.getPrototypeOf(table.statistics)).filter((n) => n !== 'end');
    for (const name of statistics)
      if (name !== 'constructor')
        Object.assign(table.statistics, { [name]: () => assert.fail(`${name} was asked for`) });
    const handlers = threadedStatistics(hostOf(() => table)) as Handlers;
    await ask(handlers, 'analysis.overview', { filter: '' }, 1);
    table.end();
  });

  test('what is wrong with a question is said as ever', async () => {
    const wrong: [Method, object][] = [
      ['analysis.overview', { filter: 'no.such.field == 1' }],
      ['analysis.io', { lines: [{ filter: 'tcp ==', fn: 'packets' }], intervalNs: 0 }],
      ['analysis.io', { lines: [{ filter: 'tcp', fn: 'packets' }], intervalNs: 1e-3 }],
    ];
    for (const [method, params] of wrong) {
      let said: unknown;
      try {
        own[method](params as never);
      } catch (error) {
        said = error;
      }
      assert.ok(said instanceof Error);
      await assert.rejects(threaded[method](params as never) as Promise<unknown>, (error) => {
        assert.deepEqual({ ...(error as object) }, { ...(said as object) });
        return true;
      });
    }
  });
});

test('a capture that grows', async () => {
  const { store, source, interfaces } = data.table;
  const growing = new PacketStore(source, true);
  const grow = (upTo: number) => {
    for (let row = growing.count; row < upTo; row++)
      growing.packet(
        store.offset(row),
        store.capLen(row),
        store.wireLen(row),
        store.interfaceId(row),
        store.timeNs(row),
        store.verdict(row),
        store.direction(row),
      );
  };
  growing.baseNs = store.baseNs;
  const table = new AnalysedTable({ store: growing, source, pcapng: true, interfaces });
  const threaded = threadedStatistics(hostOf(() => table)) as Handlers;
  const params = { filter: 'ip' };
  const own = analysisHandlers(hostOf(() => table)) as Handlers;
  for (const upTo of [100, 30_000, CHUNK_ROWS + 1, store.count]) {
    grow(upTo);
    const found = (await ask(threaded, 'analysis.overview', params)) as Progress;
    assert.equal(found.total, upTo);
    assert.deepEqual(found, await ask(own, 'analysis.overview', params));
  }
  table.end();
});

test('a table that ends while it is asked about: whoever asks hears of the next one', async () => {
  const first = new AnalysedTable(data.table);
  const second = new AnalysedTable(data.table);
  let now = first;
  const handlers = threadedStatistics(hostOf(() => now));
  const answer = handlers['analysis.overview']({ filter: '' });
  now = second;
  first.end();
  assert.equal((await answer).total, data.table.store.count);
  second.end();
});
