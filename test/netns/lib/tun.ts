/** Tun (raw IP) and tap (Ethernet) devices whose other side is the test: see tun-helper.c, compiled at first use. */
import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { type Bytes, concat, u16 } from './frames.ts';
import { eventually, type Running, run, start } from './process.ts';

const source = path.join(import.meta.dirname, 'tun-helper.c');
const binary = path.resolve(import.meta.dirname, '../../output/tun-helper');

async function helper(): Promise<string> {
  if (!existsSync(binary) || statSync(binary).mtimeMs < statSync(source).mtimeMs) {
    mkdirSync(path.dirname(binary), { recursive: true });
    const fresh = `${binary}.${process.pid}`;
    await run('cc', ['-O2', '-Wall', '-Wextra', '-Werror', '-o', fresh, source]);
    renameSync(fresh, binary); // whole or not at all: another test may be about to run it
  }
  return binary;
}

export class TunDevice {
  readonly netns: string;
  readonly ifname: string;
  /** What the kernel sent out of the device, in order. */
  readonly received: Bytes[] = [];
  readonly #process: Running;
  #pending: Uint8Array = new Uint8Array();

  private constructor(netns: string, ifname: string, running: Running) {
    this.netns = netns;
    this.ifname = ifname;
    this.#process = running;
  }

  /** Makes the device in `netns`, with `addresses` ("10.9.0.1/24"), up. IPv6's own chatter is off unless it has an address. */
  static async open(
    netns: string,
    options: { ifname?: string; kind?: 'tun' | 'tap'; addresses?: readonly string[] } = {},
  ): Promise<TunDevice> {
    const { ifname = 'tun0', kind = 'tun', addresses = [] } = options;
    const take = (chunk: Uint8Array) => device.#take(chunk);
    const running = start(await helper(), [ifname, kind], { netns, onStdout: take });
    const device = new TunDevice(netns, ifname, running);
    await running.waitFor(/ready/);
    const six = addresses.some((address) => address.includes(':'));
    if (!six) await run('sh', ['-c', `echo 1 > /proc/sys/net/ipv6/conf/${ifname}/disable_ipv6`], { netns });
    const lines = addresses.map(
      (address) => `address add ${address} dev ${ifname}${address.includes(':') ? ' nodad' : ''}`,
    );
    await run('ip', ['-n', netns, '-batch', '-'], { input: [...lines, `link set ${ifname} up`].join('\n') });
    return device;
  }

  #take(chunk: Uint8Array): void {
    let bytes: Uint8Array = concat(this.#pending, chunk);
    while (bytes.length >= 2 && bytes.length >= 2 + ((bytes[0]! << 8) | bytes[1]!)) {
      const length = (bytes[0]! << 8) | bytes[1]!;
      this.received.push(bytes.slice(2, 2 + length));
      bytes = bytes.subarray(2 + length);
    }
    this.#pending = bytes;
  }

  /** Packets that arrive by the device, as if from the far end of the tunnel. */
  inject(packets: readonly Uint8Array[]): void {
    this.#process.child.stdin?.write(concat(...packets.flatMap((packet) => [u16(packet.length), packet])));
  }

  async waitForReceived(count: number, timeoutMs = 20_000): Promise<void> {
    await eventually(`${count} packets out of ${this.ifname}`, () => this.received.length >= count, timeoutMs);
  }

  async close(): Promise<void> {
    await this.#process.stop('SIGTERM');
  }
}
