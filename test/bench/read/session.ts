/**
 * session.ts FILE JSON-ARRAY-OF-FILTERS: the session's part of the benchmark, in a process of its own: opens the file as the window does, asks for rows at
 * several places, applies the filters one after the other, copies the capture out. Prints one JSON line.
 */
import { FileData } from '../../../electron/session/data/file-data.ts';
import { rowsWindow } from '../../../electron/session/rows.ts';

export interface SessionFigures {
  packets: number;
  firstRowsMs: number;
  indexMs: number;
  bytesPerPacket: number;
  /** The slowest of the windows of rows. */
  scrollMs: number;
  filters: { text: string; ms: number; rows: number }[];
  exportMs: number;
  exportedBytes: number;
  /** Longest that the event loop was held up meanwhile. */
  blockedMs: Record<Phase, number>;
}

type Phase = 'open' | 'filter' | 'export';

const ROWS = 60;
const PLACES = 40;

async function filtered(data: FileData, text: string): Promise<{ text: string; ms: number; rows: number }> {
  const start = performance.now();
  const view = data.table.views.get(text);
  await new Promise<void>((resolve) => {
    const look = () => {
      if (view.scanned >= data.table.store.count) resolve();
    };
    view.poke(look);
    look(); // nothing more comes when nothing is left to do
  });
  return { text, ms: performance.now() - start, rows: view.count };
}

const [file = '', filters = '[]'] = process.argv.slice(2);
const blockedMs: Record<Phase, number> = { open: 0, filter: 0, export: 0 };
let phase: Phase = 'open';
let last = performance.now();
const watch = setInterval(() => {
  const now = performance.now();
  blockedMs[phase] = Math.max(blockedMs[phase], now - last - 1);
  last = now;
}, 1);
/** What was done in one go until here, on purpose, does not count. */
function begin(next: Phase): void {
  phase = next;
  last = performance.now();
}

const start = performance.now();
const data = await FileData.open(file);
rowsWindow(data.table, { start: 0, count: ROWS });
const firstRowsMs = performance.now() - start;
begin('open');
const damage = await data.load(() => {});
if (damage) throw new Error(damage.message);
const indexMs = performance.now() - start;
const { store } = data.table;

let scrollMs = 0;
for (let place = 0; place < PLACES; place++) {
  const before = performance.now();
  rowsWindow(data.table, { start: Math.floor((store.count * place) / PLACES), count: ROWS });
  scrollMs = Math.max(scrollMs, performance.now() - before);
}

begin('filter');
const found: SessionFigures['filters'] = [];
for (const text of JSON.parse(filters) as string[]) found.push(await filtered(data, text));

begin('export');
const before = performance.now();
let exportedBytes = 0;
for await (const piece of data.save().pcapng) exportedBytes += piece.length;
clearInterval(watch);
const figures: SessionFigures = {
  packets: store.count,
  firstRowsMs,
  indexMs,
  bytesPerPacket: store.bytesPerPacket,
  scrollMs,
  filters: found,
  exportMs: performance.now() - before,
  exportedBytes,
  blockedMs,
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
await data.dispose();
process.exit(0);
