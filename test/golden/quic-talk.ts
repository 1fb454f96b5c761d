/**
 * A QUIC connection as datagrams, with the key log that opens what is not Initial. Packets are protected here with node:crypto after RFC 9001 and RFC 9369,
 * apart from the code under test. No key exchange takes place: the secrets are made up.
 */
import { createCipheriv, createHmac } from 'node:crypto';
import * as f from '../../electron/cli/demo/frames/index.ts';
import { BA, raw, udp4 } from './sample-parts.ts';
import type { Sample } from './samples.ts';
import { certificate, expand, extension, made, message, vector } from './tls-talk.ts';

const { concat, u16, u32, ascii } = f;
const u8 = (...values: number[]) => Uint8Array.of(...values);
export const V1 = 1;
export const V2 = 0x6b3343cf;
const SALTS = {
  [V1]: '38762cf7f55934b34d179ae6a4c80cadccbb7f0a',
  [V2]: '0dede3def700a6db819381be6e269dcbf9bd2ed9',
};
type Level = 'initial' | 'early' | 'handshake' | 'application';
type Side = 'client' | 'server';
const TYPES: Record<number, Record<string, number>> = {
  [V1]: { initial: 0, early: 1, handshake: 2, retry: 3 },
  [V2]: { initial: 1, early: 2, handshake: 3, retry: 0 },
};

/** A variable-length integer (RFC 9000 §16). */
export function varint(value: number): Uint8Array {
  if (value < 64) return u8(value);
  if (value < 16_384) return u16(value | 0x4000);
  return u32((value | 0x80000000) >>> 0);
}

export const crypto = (offset: number, data: Uint8Array) => concat(u8(6), varint(offset), varint(data.length), data);
export const ack = (largest: number, first = 0) => concat(u8(2), varint(largest), varint(10), u8(0), varint(first));
export const stream = (id: number, offset: number, data: Uint8Array, fin = false) =>
  concat(u8(0x0e | (fin ? 1 : 0)), varint(id), varint(offset), varint(data.length), data);
export const padding = (length: number) => new Uint8Array(length);

export class QuicTalk {
  readonly datagrams: Uint8Array[] = [];
  readonly log: string[] = [];
  readonly #version: typeof V1 | typeof V2;
  readonly #ids: Record<Side, Uint8Array>;
  readonly #first: Uint8Array;
  readonly #random: Uint8Array;
  readonly #clientPort: number;
  readonly #secrets: Partial<Record<string, Uint8Array>> = {};
  readonly #numbers: Record<string, number> = {};
  readonly #suite: number;
  readonly #port: number;
  token: Uint8Array = u8();
  /** The server has answered: its own id is used. */
  answered = false;

  /** @param clientPort tells connections apart, their ids too */
  constructor(clientPort: number, version: typeof V1 | typeof V2 = V1, suite = 0x1301, port = 443) {
    this.#clientPort = clientPort;
    this.#ids = { client: made(`client id ${clientPort}`, 5), server: made(`server id ${clientPort}`, 8) };
    this.#first = made(`first id ${clientPort}`, 8);
    this.#random = made(`quic random ${clientPort}`, 32);
    this.#version = version;
    this.#suite = suite;
    this.#port = port;
    this.#initial(this.#first);
    for (const side of ['client', 'server'] as const) {
      this.#secret(side, 'handshake', 'HANDSHAKE_TRAFFIC_SECRET');
      this.#secret(side, 'application', 'TRAFFIC_SECRET_0');
    }
  }

  get sample(): Sample {
    return { linkType: 1, frames: this.datagrams.map((bytes) => ({ bytes })), secrets: this.log.join('\n') };
  }

  #initial(id: Uint8Array): void {
    const secret = createHmac('sha256', raw(SALTS[this.#version])).update(id).digest();
    this.#secrets['client initial'] = expand('sha256', secret, 'client in', 32);
    this.#secrets['server initial'] = expand('sha256', secret, 'server in', 32);
  }

  #secret(side: Side, level: Level, label: string): void {
    const secret = made(`quic ${side} ${level}`, this.#hash(level) === 'sha384' ? 48 : 32);
    this.#secrets[`${side} ${level}`] = secret;
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
    this.log.push(`${side.toUpperCase()}_${label} ${hex(this.#random)} ${hex(secret)}`);
  }

  #hash(level: Level): 'sha256' | 'sha384' {
    return level !== 'initial' && this.#suite === 0x1302 ? 'sha384' : 'sha256';
  }

  send(side: Side, ...packets: Uint8Array[]): this {
    const bytes = concat(...packets);
    this.datagrams.push(
      side === 'client' ? udp4(this.#clientPort, this.#port, bytes) : udp4(this.#port, this.#clientPort, bytes, BA),
    );
    return this;
  }

  /** A Retry from the server: the client begins anew with this id and token. */
  retry(token: Uint8Array): this {
    const type = TYPES[this.#version]!['retry']!;
    const head = concat(
      u8(0xc0 | (type << 4) | 5),
      u32(this.#version),
      vector(1, this.#ids.client),
      vector(1, this.#ids.server),
      token,
    );
    const keys: Record<number, [string, string]> = {
      [V1]: ['be0c690b9f66575a1d766b54e368c84e', '461599d35d632bf2239825bb'],
      [V2]: ['8fb4b01b56ac48e260fbcbcead7ccc92', 'd86969bc2d7c6d9990efb04a'],
    };
    const [key, nonce] = keys[this.#version]!;
    const seal = createCipheriv('aes-128-gcm', raw(key), raw(nonce));
    seal.setAAD(concat(vector(1, this.#first), head));
    seal.final();
    this.send('server', head, seal.getAuthTag());
    this.token = token;
    this.answered = true;
    this.#initial(this.#ids.server);
    return this;
  }

  /** Offers other versions. */
  negotiate(...versions: number[]): this {
    return this.send(
      'server',
      u8(0xc0),
      u32(0),
      vector(1, this.#ids.client),
      vector(1, this.#first),
      ...versions.map(u32),
    );
  }

  packet(side: Side, level: Level, ...frames: Uint8Array[]): Uint8Array {
    const number = (this.#numbers[`${side} ${level}`] ?? -1) + 1;
    this.#numbers[`${side} ${level}`] = number;
    const payload = concat(...frames);
    const to = side === 'server' ? this.#ids.client : this.answered ? this.#ids.server : this.#first;
    const numberBytes = u16(number);
    const length = varint(numberBytes.length + payload.length + 16);
    const head =
      level === 'application'
        ? concat(u8(0x41), to)
        : concat(
            u8(0xc1 | (TYPES[this.#version]![level]! << 4)),
            u32(this.#version),
            vector(1, to),
            vector(1, this.#ids[side]),
            ...(level === 'initial' ? [concat(varint(this.token.length), this.token)] : []),
            length.length === 1 ? u16(0x4000 | length[0]!) : length,
          );
    return this.#protect(side, level, concat(head, numberBytes), number, payload);
  }

  #protect(side: Side, level: Level, head: Uint8Array, number: number, payload: Uint8Array): Uint8Array {
    const secret = this.#secrets[`${side} ${level}`]!;
    const hash = this.#hash(level);
    const prefix = this.#version === V2 ? 'quicv2' : 'quic';
    const suite = level === 'initial' ? 0x1301 : this.#suite;
    const keyLength = suite === 0x1301 ? 16 : 32;
    const [key, iv, hp] = [
      expand(hash, secret, `${prefix} key`, keyLength),
      expand(hash, secret, `${prefix} iv`, 12),
      expand(hash, secret, `${prefix} hp`, keyLength),
    ];
    iv[10]! ^= number >> 8;
    iv[11]! ^= number;
    const cipher = suite === 0x1303 ? 'chacha20-poly1305' : keyLength === 16 ? 'aes-128-gcm' : 'aes-256-gcm';
    const seal = createCipheriv(cipher as 'aes-128-gcm', key, iv, { authTagLength: 16 });
    seal.setAAD(head, { plaintextLength: payload.length });
    const sealed = concat(seal.update(payload), seal.final(), seal.getAuthTag());
    const packet = concat(head, sealed);
    const at = head.length - 2;
    const sample = packet.subarray(at + 4, at + 20);
    const mask =
      suite === 0x1303
        ? createCipheriv('chacha20', hp, sample).update(new Uint8Array(5))
        : createCipheriv(keyLength === 16 ? 'aes-128-ecb' : 'aes-256-ecb', hp, null).update(sample);
    packet[0]! ^= mask[0]! & (packet[0]! & 0x80 ? 0x0f : 0x1f);
    packet[at]! ^= mask[1]!;
    packet[at + 1]! ^= mask[2]!;
    return packet;
  }

  clientHello(alpn = 'h3'): Uint8Array {
    const parameter = (id: number, value: Uint8Array) => concat(varint(id), varint(value.length), value);
    return message(
      1,
      u16(0x0303),
      this.#random,
      vector(1),
      vector(2, u16(this.#suite)),
      vector(1, u8(0)),
      vector(
        2,
        extension(0, vector(2, u8(0), vector(2, ascii('example.net')))),
        extension(10, vector(2, u16(29))),
        extension(13, vector(2, u16(0x0403))),
        extension(16, vector(2, vector(1, ascii(alpn)))),
        extension(43, vector(1, u16(0x0304))),
        extension(45, vector(1, u8(1))),
        extension(51, vector(2, u16(29), vector(2, made('share', 32)))),
        extension(57, parameter(1, varint(30_000)), parameter(4, varint(1_000_000)), parameter(15, this.#ids.client)),
      ),
    );
  }

  serverHello(): Uint8Array {
    return message(
      2,
      u16(0x0303),
      made('quic server random', 32),
      vector(1),
      u16(this.#suite),
      u8(0),
      vector(2, extension(43, u16(0x0304)), extension(51, u16(29), vector(2, made('share s', 32)))),
    );
  }

  /** Encrypted extensions to Finished. */
  flight(alpn = 'h3'): Uint8Array {
    return concat(
      message(8, vector(2, extension(16, vector(2, vector(1, ascii(alpn)))))),
      message(11, vector(1), vector(3, vector(3, certificate), vector(2))),
      message(15, u16(0x0403), vector(2, made('signature', 64))),
      this.finished('server'),
    );
  }
  finished(side: Side): Uint8Array {
    return message(20, made(`${side} finished`, this.#hash('handshake') === 'sha384' ? 48 : 32));
  }

  /**
   * Both flights, as a client and a server exchange them.
   * @param first what the client sends with its last flight
   */
  handshake(first = [stream(0, 0, ascii('hello quic'), true)]): this {
    const hello = this.clientHello();
    this.send(
      'client',
      this.packet(
        'client',
        'initial',
        crypto(40, hello.subarray(40)),
        u8(1),
        crypto(0, hello.subarray(0, 40)),
        padding(900),
      ),
    );
    this.answered = true;
    const flight = this.flight();
    this.send(
      'server',
      this.packet('server', 'initial', ack(0), crypto(0, this.serverHello())),
      this.packet('server', 'handshake', crypto(0, flight.subarray(0, 300))),
    );
    this.send('server', this.packet('server', 'handshake', crypto(300, flight.subarray(300))));
    return this.send(
      'client',
      this.packet('client', 'initial', ack(0), padding(20)),
      this.packet('client', 'handshake', ack(1, 1), crypto(0, this.finished('client'))),
      ...(first.length > 0 ? [this.packet('client', 'application', ...first)] : []),
    );
  }
}
