/** A capture driven straight through the addon (no privileged process): what the C++ side promises, tested without anything above it. */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CaptureParser } from '../../../electron/packets/pcap/capture-parser.ts';
import type { CaptureCounters, CaptureTarget } from '../../../electron/shared/capture.ts';
import { FRAME_HEADER_BYTES, FrameType, PACKETS_HEADER_BYTES } from '../../../electron/shared/wire.ts';
import type { Capture, CaptureConfig, FrameWriter } from '../../../native/index.d.ts';
import { addon } from './addon.ts';

export const BPF_DIR = path.resolve(import.meta.dirname, '../../../dist/bpf');

export interface Taken {
  bytes: Uint8Array;
  wireLen: number;
  interfaceId: number;
  epochNs: bigint;
  verdict: number;
  direction: number;
}

export interface Finished {
  counters: CaptureCounters;
  /** By time: a sender that moves to another CPU writes to another ring, and rings are emptied one after the other. */
  packets: Taken[];
  /** As they are in the stream. */
  inStream: Taken[];
  /** The concatenated pcapng section. */
  pcapng: Uint8Array;
}

/** The PACKETS payloads of a frame stream, joined: a pcapng section. */
function section(frames: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < frames.length; ) {
    const end = at + FRAME_HEADER_BYTES + frames.readUInt32LE(at);
    if (frames[at + 4] === FrameType.PACKETS)
      parts.push(frames.subarray(at + FRAME_HEADER_BYTES + PACKETS_HEADER_BYTES, end));
    at = end;
  }
  return Buffer.concat(parts);
}

export function parsePackets(pcapng: Uint8Array): Taken[] {
  const packets: Taken[] = [];
  const parser = new CaptureParser({
    packet: (offset, capLen, wireLen, interfaceId, timeNs, verdict, direction) =>
      packets.push({
        bytes: pcapng.subarray(offset, offset + capLen),
        wireLen,
        interfaceId,
        epochNs: BigInt(timeNs),
        verdict,
        direction,
      }),
  });
  parser.push(pcapng);
  parser.end();
  if (parser.damage) throw new Error(`damaged at ${parser.damage.offset}: ${parser.damage.reason}`);
  for (const packet of packets) packet.epochNs += parser.baseNs ?? 0n;
  return packets;
}

export class AddonCapture {
  readonly capture: Capture;
  readonly #writer: FrameWriter;
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'xn-'));
  readonly #fd: number;

  constructor(targets: CaptureTarget[], options: Partial<CaptureConfig> = {}) {
    this.#fd = openSync(path.join(this.#folder, 'frames'), 'w');
    this.#writer = new addon.FrameWriter({ fd: this.#fd, queueBytes: 256 << 20 });
    const defaults = {
      captureId: 1,
      snaplen: 262144,
      buffer: 'auto',
      bufferBytes: 0,
      packets: true,
      flows: true,
      stats: true,
      maxFlows: 4096,
      sample: 1,
    } as const;
    try {
      this.capture = new addon.Capture({
        ...defaults,
        bpfDir: BPF_DIR,
        writer: this.#writer,
        creditBytes: 1e12,
        application: 'xdpeek test',
        targets,
        ...options,
      });
    } catch (error) {
      this.#close();
      throw error;
    }
  }

  /** Stops and reads everything that was written. */
  async finish(): Promise<Finished> {
    const counters = this.capture.stop();
    await this.#writer.flush();
    const pcapng = section(readFileSync(path.join(this.#folder, 'frames')));
    this.capture.close();
    this.#close();
    const inStream = parsePackets(pcapng);
    return { counters, packets: inStream.toSorted((a, b) => Number(a.epochNs - b.epochNs)), inStream, pcapng };
  }

  #close(): void {
    this.#writer.close();
    closeSync(this.#fd);
    rmSync(this.#folder, { recursive: true });
  }
}
