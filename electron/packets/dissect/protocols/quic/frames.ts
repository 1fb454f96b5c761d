/** QUIC frames (RFC 9000 §19, RFC 9221): where each begins and ends, and what the columns say of it. */
import { varint } from './varint.ts';

export interface Frame {
  type: number;
  at: number;
  end: number;
  /** What the Info column calls it. */
  short: string;
  /** CRYPTO: where its data goes, and where that is. */
  crypto?: { offset: number; at: number; end: number };
  /** STREAM: as CRYPTO. */
  stream?: { id: number; offset: number; at: number; end: number; fin: boolean };
  /** What a protocol above found in it, for the Info column. */
  above?: readonly string[];
}

const MAX_FRAMES = 500;

/** Short name, and what comes after the type: v a varint, b a byte, 8 eight bytes, 16 sixteen, d a varint's length of bytes. */
const SHAPES: Readonly<Record<number, readonly [short: string, shape: string]>> = {
  1: ['PING', ''],
  4: ['RS', 'vvv'],
  5: ['SS', 'vv'],
  7: ['NT', 'd'],
  16: ['MD', 'v'],
  17: ['MSD', 'vv'],
  18: ['MS', 'v'],
  19: ['MS', 'v'],
  20: ['DB', 'v'],
  21: ['SDB', 'vv'],
  22: ['SB', 'v'],
  23: ['SB', 'v'],
  25: ['RC', 'v'],
  26: ['PC', '8'],
  27: ['PR', '8'],
  28: ['CC', 'vvd'],
  29: ['CC', 'vd'],
  30: ['DONE', ''],
  49: ['DG', 'd'],
};
/** Those that name their stream. */
const WITH_STREAM = new Set([4, 5, 17, 21]);

class Scan {
  at: number;
  readonly bytes: Uint8Array;
  readonly end: number;
  cut = false;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  varint(): number {
    const found = varint(this.bytes, this.at, this.end);
    if (!found) {
      this.cut = true;
      return 0;
    }
    this.at += found.length;
    return found.value;
  }

  skip(length: number): void {
    if (this.at + length > this.end) this.cut = true;
    else this.at += length;
  }
}

export function readFrames(bytes: Uint8Array, start: number, end: number): Frame[] {
  const frames: Frame[] = [];
  const scan = new Scan(bytes, start, end);
  while (scan.at < end && frames.length < MAX_FRAMES) {
    const frame = one(scan);
    if (!frame || scan.cut) break;
    frames.push(frame);
  }
  return frames;
}

function one(scan: Scan): Frame | undefined {
  const at = scan.at;
  const type = scan.varint();
  const made = (short: string, more: Partial<Frame> = {}): Frame => ({ type, at, end: scan.at, short, ...more });
  if (type === 0) {
    while (scan.at < scan.end && scan.bytes[scan.at] === 0) scan.at++;
    return made('PADDING');
  }
  if (type === 2 || type === 3) {
    acknowledged(scan, type === 3);
    return made(type === 3 ? 'ACK_ECN' : 'ACK');
  }
  if (type === 6) {
    const offset = scan.varint();
    const length = scan.varint();
    const data = scan.at;
    scan.skip(length);
    return made('CRYPTO', { crypto: { offset, at: data, end: scan.at } });
  }
  if (type >= 8 && type <= 15) {
    const id = scan.varint();
    const offset = type & 4 ? scan.varint() : 0;
    const length = type & 2 ? scan.varint() : scan.end - scan.at;
    const data = scan.at;
    scan.skip(length);
    return made(`STREAM(${id})`, { stream: { id, offset, at: data, end: scan.at, fin: (type & 1) !== 0 } });
  }
  if (type === 24) {
    scan.varint();
    scan.varint();
    scan.skip(1 + (scan.bytes[scan.at] ?? 0) + 16);
    return made('NCI');
  }
  if (type === 48) {
    scan.at = scan.end;
    return made('DG');
  }
  const known = SHAPES[type];
  if (!known) {
    // Its length is not known: nothing behind it can be read.
    scan.at = scan.end;
    return made('UNKNOWN');
  }
  const [short, shape] = known;
  const stream = WITH_STREAM.has(type) ? varint(scan.bytes, scan.at, scan.end)?.value : undefined;
  for (const part of shape) {
    if (part === 'v') scan.varint();
    else if (part === '8') scan.skip(8);
    else scan.skip(scan.varint());
  }
  return made(stream === undefined ? short : `${short}(${stream})`);
}

function acknowledged(scan: Scan, ecn: boolean): void {
  scan.varint();
  scan.varint();
  const ranges = scan.varint();
  scan.varint();
  for (let i = 0; i < ranges && !scan.cut; i++) {
    scan.varint();
    scan.varint();
  }
  for (let i = 0; ecn && i < 3; i++) scan.varint();
}
