/** Independent witnesses: tcpdump on an interface, a reader for the file it writes, bpftool's list of what is attached. */
import { readFileSync } from 'node:fs';
import type { Bytes } from './frames.ts';
import { run, start } from './process.ts';

export interface CapturedPacket {
  /** ns since the epoch, as a decimal of µs precision unless the file says otherwise. */
  epochNs: bigint;
  wireLen: number;
  bytes: Bytes;
}

/** Reads a classic pcap file of either byte order and precision. */
export function readPcap(file: string): CapturedPacket[] {
  const bytes = new Uint8Array(readFileSync(file));
  const view = new DataView(bytes.buffer);
  const magic = view.getUint32(0, true);
  const little = magic === 0xa1b2c3d4 || magic === 0xa1b23c4d;
  const nano = magic === 0xa1b23c4d || view.getUint32(0) === 0xa1b23c4d;
  const packets: CapturedPacket[] = [];
  for (let at = 24; at + 16 <= bytes.length; ) {
    const [seconds, fraction, capLen, wireLen] = [0, 4, 8, 12].map((offset) => view.getUint32(at + offset, little));
    const epochNs = BigInt(seconds!) * 1_000_000_000n + BigInt(fraction!) * (nano ? 1n : 1000n);
    packets.push({ epochNs, wireLen: wireLen!, bytes: bytes.slice(at + 16, at + 16 + capLen!) });
    at += 16 + capLen!;
  }
  return packets;
}

export interface Tcpdump {
  /** Waits until that many packets are in the file, or what it asks for is, or `timeoutMs` is over; stops, and returns what it took. */
  finish(wanted?: number | ((packets: CapturedPacket[]) => boolean), timeoutMs?: number): Promise<CapturedPacket[]>;
}

/** Starts tcpdump and resolves once it listens. `direction` is from the interface's point of view. */
export async function startTcpdump(
  at: { netns: string; ifname: string },
  file: string,
  options: { filter?: string; direction?: 'in' | 'out' | 'inout' } = {},
): Promise<Tcpdump> {
  const { filter = '', direction = 'inout' } = options;
  const args = [
    '-i',
    at.ifname,
    '-n',
    '-p',
    '-U',
    '--immediate-mode',
    '-B',
    '65536',
    '-Q',
    direction,
    '-s',
    '262144',
    '-Z',
    'root',
  ];
  const tcpdump = start('tcpdump', [...args, '-w', file, ...(filter ? [filter] : [])], { netns: at.netns });
  await tcpdump.waitFor(/listening on/);
  return {
    async finish(wanted = 0, timeoutMs = 20_000) {
      const enough = typeof wanted === 'number' ? ({ length }: CapturedPacket[]) => length >= wanted : wanted;
      const deadline = performance.now() + timeoutMs;
      while (!enough(readPcap(file)) && performance.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, 50));
      await tcpdump.stop('SIGINT');
      return readPcap(file);
    },
  };
}

export interface BpftoolNet {
  xdp: { devname: string; ifindex: number; mode?: string; id?: number }[];
  tc: { devname: string; ifindex: number; kind: string; name?: string; id?: number; prog_id?: number }[];
}

/** What `bpftool net` sees in the namespace. bpftool 7.1 does not know TCX: `interfaces()` does. */
export async function bpftoolNet(netns: string): Promise<BpftoolNet> {
  const [found] = JSON.parse(await run('bpftool', ['-j', 'net'], { netns })) as BpftoolNet[];
  return found!;
}
