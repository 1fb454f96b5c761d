/** What a running capture says on standard error: where it is attached, a counter on a terminal, and the end. */
import type { CaptureStarted } from '../../session/dump.ts';
import type { AttachmentInfo, CaptureCounters } from '../../shared/capture.ts';
import { printable } from '../output/printable.ts';
import { lostTotal } from '../output/summary.ts';
import { byteCount, plural } from '../output/units.ts';

const ERASE_LINE = '\r\u001b[K';

export function say(line: string): void {
  process.stderr.write(`${printable(line)}\n`);
}

/** "watching veth0 (xdp, native)": what the kernel really did, with the reason where that was not the first choice. */
export function sayStarted({ attachments }: CaptureStarted): void {
  say(`watching ${attachments.map(place).join(', ')}`);
  for (const { note, ifname } of attachments) if (note) say(`${ifname}: ${note}`);
}

function place({ ifname, netns, hook, actualMode }: AttachmentInfo): string {
  const how = actualMode ? `${hook}, ${actualMode}` : hook;
  return `${ifname}${netns ? ` in ${netns}` : ''} (${how})`;
}

/** A line that is written over again, on a terminal only. */
export class Counter {
  private shown = false;

  show({ capturedPackets, capturedBytes, ...counters }: CaptureCounters): void {
    const lost = lostTotal({ capturedPackets, capturedBytes, ...counters });
    const text = `${plural(capturedPackets, 'packet')} (${byteCount(capturedBytes)})${lost > 0 ? `, ${plural(lost, 'packet')} lost` : ''}`;
    process.stderr.write(`${ERASE_LINE}${text}`);
    this.shown = true;
  }

  clear(): void {
    if (this.shown) process.stderr.write(ERASE_LINE);
    this.shown = false;
  }
}
