/** A TCP connection as frames: handshake, what both say in order, and the end. Made from the frame builders, with right numbers and checksums. */
import * as f from '../../electron/cli/demo/frames/index.ts';
import type { Sample } from './samples.ts';

const CLIENT = { mac: '02:00:00:00:00:0a', ipv4: '10.0.0.1' };
const SERVER = { mac: '02:00:00:00:00:0b', ipv4: '10.0.0.2' };
const S = f.TCP_FLAG;

export class Talk {
  readonly frames: Uint8Array[] = [];
  readonly #ports: [number, number];
  readonly #next: [number, number] = [1000, 5000];

  constructor(serverPort: number, clientPort = 40_000) {
    this.#ports = [clientPort, serverPort];
    this.#send(0, S.syn, undefined, f.synOptions(1460, 1, 7));
    this.#send(1, S.syn | S.ack, undefined, f.synOptions(1460, 2, 7));
    this.#send(0, S.ack);
  }

  /** A segment from the client; text or bytes. */
  c(...parts: (string | Uint8Array)[]): this {
    this.#send(0, S.psh | S.ack, bytesOf(parts));
    return this;
  }
  /** A segment from the server. */
  s(...parts: (string | Uint8Array)[]): this {
    this.#send(1, S.psh | S.ack, bytesOf(parts));
    return this;
  }

  /** Closed by the server, as HTTP/1.0 does. */
  closed(): this {
    this.#send(1, S.fin | S.ack);
    this.#send(0, S.fin | S.ack);
    return this;
  }

  get sample(): Sample {
    return { linkType: 1, frames: this.frames.map((bytes) => ({ bytes })) };
  }

  #send(side: 0 | 1, flags: number, payload: Uint8Array = new Uint8Array(0), options?: Uint8Array): void {
    const [from, to] = side === 0 ? [CLIENT, SERVER] : [SERVER, CLIENT];
    const ends = { source: from.ipv4, destination: to.ipv4 };
    const header = {
      sourcePort: this.#ports[side],
      destinationPort: this.#ports[1 - side]!,
      flags,
      sequence: this.#next[side],
      acknowledgment: flags & S.ack ? this.#next[1 - side]! : 0,
      ...(options && { options }),
    };
    this.#next[side] += payload.length + (flags & (S.syn | S.fin) ? 1 : 0);
    const segment = f.tcp(ends, header, payload);
    this.frames.push(
      f.ethernet({ source: from.mac, destination: to.mac, type: 0x0800 }, f.ipv4({ ...ends, protocol: 6 }, segment)),
    );
  }
}

function bytesOf(parts: readonly (string | Uint8Array)[]): Uint8Array {
  return f.concat(...parts.map((part) => (typeof part === 'string' ? f.ascii(part) : part)));
}
