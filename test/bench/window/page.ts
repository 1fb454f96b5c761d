/** What runs in the page: each function is sent there as text, so it uses nothing around it. Results wait in `globalThis.bench`. */

export interface Frames {
  /** ms between one frame and the next. */
  intervals: number[];
  /** ms from the capture's time of the newest row to the frame that was painted with it, once for each newest row. */
  ages: number[];
}

type Bench = { bench: Frames & { on: boolean; shown: Record<number, number>; usableMs?: number } };

/** Notes when the interface can be clicked: the page is drawn, the backend has answered, interfaces are listed. ms since navigation. */
export function watchUsable(card: string): void {
  const look = () => {
    const button = [...document.querySelectorAll('button')].find((each) =>
      each.getAttribute('aria-label')?.startsWith(card),
    );
    if (button && !button.disabled) Object.assign(globalThis, { usableMs: performance.now() });
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

/**
 * Frames from now on. Of the packet list also what the last rows are, in the task behind each frame: then it is painted. Times of day are in the
 * second column; ports from `firstPort` on number the packets.
 */
export function watchFrames(firstPort: number): void {
  const bench: Bench['bench'] = { on: true, intervals: [], ages: [], shown: {} };
  Object.assign(globalThis, { bench });
  const behind = new MessageChannel();
  let last = 0;
  let newest = '';
  let rows: { number: string; time: string; info: string }[] = [];
  behind.port1.onmessage = () => {
    const now = performance.timeOrigin + performance.now();
    const day = new Date(now).setHours(0, 0, 0, 0);
    for (const { info } of rows) {
      const port = Number(/→ (\d+)/.exec(info)?.[1] ?? 0);
      if (port >= firstPort) bench.shown[port - firstPort] ??= now;
    }
    const row = rows.at(-1);
    if (!row || row.number === newest) return;
    newest = row.number;
    const [hours = 0, minutes = 0, seconds = Number.NaN] = row.time.split(':').map(Number);
    if (!Number.isNaN(seconds)) bench.ages.push(now - (day + (hours * 3600 + minutes * 60 + seconds) * 1000));
  };
  const frame = (at: number) => {
    if (!bench.on) return;
    if (last > 0) bench.intervals.push(at - last);
    last = at;
    const shown = document.querySelectorAll('[role=grid][aria-label=Packets] [role=row][aria-rowindex]');
    rows = [...shown].slice(-12).flatMap((row) => {
      const cells = [...row.querySelectorAll('[role=gridcell]')].map((cell) => cell.textContent ?? '');
      return cells.length > 2 ? [{ number: cells[0]!, time: cells[1]!, info: cells.at(-1)! }] : [];
    });
    behind.port2.postMessage(0);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

export function endFrames(): Frames & { shown: Record<number, number> } {
  const { bench } = globalThis as unknown as Bench;
  bench.on = false;
  return bench;
}
