/**
 * A TLS connection as frames, with the key log that opens it. Its secrets are made up: no key exchange takes place, since whoever has the log needs none.
 * Records are sealed here with node:crypto, after RFC 8446, 5246, 2246 and 7366, apart from the code under test.
 */
import { createCipheriv, createHash, createHmac } from 'node:crypto';
import * as f from '../../electron/cli/demo/frames/index.ts';
import { raw } from './sample-parts.ts';
import type { Sample } from './samples.ts';
import { Talk } from './talk.ts';

export interface TlsKind {
  version: 0x0301 | 0x0302 | 0x0303 | 0x0304;
  suite: number;
  cipher: string;
  keyLength: number;
  hash: 'sha256' | 'sha384';
  /** CBC. */
  mac?: 'sha1' | 'sha256' | 'sha384';
  tagLength?: 8 | 16;
  encryptThenMac?: boolean;
  alpn?: string;
}

type Side = 'client' | 'server';
const [CHANGE, ALERT, HANDSHAKE, DATA] = [20, 21, 22, 23] as const;
const { concat, u16, u32 } = f;
const u8 = (...values: number[]) => Uint8Array.of(...values);
export const vector = (size: 1 | 2 | 3, ...parts: Uint8Array[]) => {
  const body = concat(...parts);
  return concat(u32(body.length).subarray(4 - size), body);
};
export const message = (type: number, ...parts: Uint8Array[]) => concat(u8(type), vector(3, ...parts));
export const extension = (type: number, ...parts: Uint8Array[]) => concat(u16(type), vector(2, ...parts));
/** Bytes that differ by name and are the same in every run. */
export const made = (name: string, length: number) => createHash('sha512').update(name).digest().subarray(0, length);
const bytesOf = (data: string | Uint8Array) => (typeof data === 'string' ? f.ascii(data) : data);

export function expand(hash: string, secret: Uint8Array, label: string, length: number): Buffer {
  const info = concat(u16(length), vector(1, f.ascii(`tls13 ${label}`)), u8(0));
  const blocks: Buffer[] = [];
  for (let i = 1; Buffer.concat(blocks).length < length; i++)
    blocks.push(
      createHmac(hash, secret)
        .update(blocks.at(-1) ?? '')
        .update(info)
        .update(u8(i))
        .digest(),
    );
  return Buffer.concat(blocks).subarray(0, length);
}

function pHash(hash: string, secret: Uint8Array, seed: Uint8Array, length: number): Buffer {
  const blocks: Buffer[] = [];
  for (let a: Uint8Array = seed; Buffer.concat(blocks).length < length; ) {
    a = createHmac(hash, secret).update(a).digest();
    blocks.push(createHmac(hash, secret).update(a).update(seed).digest());
  }
  return Buffer.concat(blocks).subarray(0, length);
}

interface Keys {
  key: Uint8Array;
  iv: Uint8Array;
  macKey: Uint8Array;
  sequence: number;
  secret?: Uint8Array;
}

const der = (tag: number, ...parts: Uint8Array[]) => {
  const body = concat(...parts);
  return concat(u8(tag), body.length < 128 ? u8(body.length) : concat(u8(0x82), u16(body.length)), body);
};
const named = (name: string) => der(0x30, der(0x31, der(0x30, der(0x06, raw('550403')), der(0x0c, f.ascii(name)))));
const algorithm = der(0x30, der(0x06, raw('2a8648ce3d040302')));
/** A certificate for example.net that nobody signed. */
export const certificate = der(
  0x30,
  der(
    0x30,
    der(0xa0, der(0x02, u8(2))),
    der(0x02, raw('0102030405060708')),
    algorithm,
    named('test authority'),
    der(0x30, der(0x17, f.ascii('240101000000Z')), der(0x17, f.ascii('340101000000Z'))),
    named('example.net'),
    der(
      0x30,
      der(0x30, der(0x06, raw('2a8648ce3d0201')), der(0x06, raw('2a8648ce3d030107'))),
      der(0x03, concat(raw('0004'), made('x', 64))),
    ),
    der(0xa3, der(0x30, der(0x30, der(0x06, raw('551d11')), der(0x04, der(0x30, der(0x82, f.ascii('example.net'))))))),
  ),
  algorithm,
  der(0x03, concat(u8(0), der(0x30, der(0x02, u8(1)), der(0x02, u8(2))))),
);

export class TlsTalk {
  readonly talk: Talk;
  readonly kind: TlsKind;
  readonly log: string[] = [];
  readonly #name: string;
  readonly #clientRandom: Uint8Array;
  readonly #serverRandom: Uint8Array;
  readonly #keys: Partial<Record<Side, Keys>> = {};

  constructor(kind: TlsKind, port = 443, clientPort = 40_000) {
    this.kind = kind;
    this.#name = `${kind.suite} ${clientPort}`;
    this.#clientRandom = made(`client ${this.#name}`, 32);
    this.#serverRandom = made(`server ${this.#name}`, 32);
    this.talk = new Talk(port, clientPort);
  }

  get sample(): Sample {
    return { ...this.talk.sample, secrets: this.log.join('\n') };
  }

  /** Application data of the client, each part a record, all in one segment. */
  c(...parts: (string | Uint8Array)[]): this {
    return this.send('client', ...parts.map((part) => this.record('client', DATA, bytesOf(part))));
  }
  s(...parts: (string | Uint8Array)[]): this {
    return this.send('server', ...parts.map((part) => this.record('server', DATA, bytesOf(part))));
  }
  alert(side: Side, description: number): this {
    return this.send(side, this.record(side, ALERT, u8(description === 0 ? 1 : 2, description)));
  }
  handshakeMessage(side: Side, ...messages: Uint8Array[]): this {
    return this.send(side, ...messages.map((one) => this.record(side, HANDSHAKE, one)));
  }
  send(side: Side, ...bytes: Uint8Array[]): this {
    if (side === 'client') this.talk.c(...bytes);
    else this.talk.s(...bytes);
    return this;
  }

  /** Hellos and Finished, as the version has them. */
  handshake(): this {
    this.send('client', this.record('client', HANDSHAKE, this.clientHello()));
    return this.kind.version === 0x0304 ? this.#modern() : this.#classic();
  }

  /**
   * A session that is resumed, with data before the server has answered (RFC 8446 §2.3). A server that does not take it answers as if it had not come.
   * @param taken how many of `data` came before the server's answer; the others come behind it
   */
  resume({ accepted = true, taken = 99, after = '' }, ...data: string[]): this {
    this.#early = true;
    this.send('client', this.record('client', HANDSHAKE, this.clientHello()));
    this.send('client', this.record('client', CHANGE, u8(1)));
    this.#secret('client', 'EARLY_TRAFFIC_SECRET');
    const before = this.#keys.client;
    this.c(...data.slice(0, taken));
    this.#answer(accepted);
    if (before) this.#keys.client = before;
    if (data.length > taken) this.c(...data.slice(taken));
    const size = this.kind.hash === 'sha384' ? 48 : 32;
    if (accepted) this.send('client', this.record('client', HANDSHAKE, message(5)));
    this.#use('client', made(`client HANDSHAKE_TRAFFIC_SECRET ${this.#name}`, size));
    this.send('client', this.record('client', HANDSHAKE, message(20, made('client finished', size))));
    this.#secret('client', 'TRAFFIC_SECRET_0');
    return after ? this.c(after) : this;
  }
  #early = false;

  /** The server's flight to a client that resumes. */
  #answer(accepted: boolean): void {
    const size = this.kind.hash === 'sha384' ? 48 : 32;
    const hello = this.record('server', HANDSHAKE, this.serverHello());
    this.#secret('client', 'HANDSHAKE_TRAFFIC_SECRET');
    this.#secret('server', 'HANDSHAKE_TRAFFIC_SECRET');
    const { alpn } = this.kind;
    const agreed = alpn ? [extension(16, vector(2, vector(1, f.ascii(alpn))))] : [];
    this.send(
      'server',
      hello,
      this.record('server', CHANGE, u8(1)),
      this.record('server', HANDSHAKE, message(8, vector(2, ...agreed, ...(accepted ? [extension(42)] : [])))),
      this.record('server', HANDSHAKE, message(20, made('server finished', size))),
    );
    this.#secret('server', 'TRAFFIC_SECRET_0');
  }

  clientHello(): Uint8Array {
    const { version, suite, alpn } = this.kind;
    const modern = version === 0x0304;
    const offered = this.#early ? [u16(0x1301), u16(0x1302), u16(0x1303)] : [u16(suite), u16(0x00ff)];
    return message(
      1,
      u16(Math.min(version, 0x0303)),
      this.#clientRandom,
      vector(1, modern ? made('session', 32) : u8()),
      vector(2, ...offered),
      vector(1, u8(0)),
      vector(
        2,
        extension(0, vector(2, u8(0), vector(2, f.ascii('example.net')))),
        extension(10, vector(2, u16(29), u16(23))),
        extension(11, vector(1, u8(0))),
        extension(13, vector(2, u16(0x0403), u16(0x0804))),
        ...(alpn ? [extension(16, vector(2, vector(1, f.ascii(alpn)), vector(1, f.ascii('http/1.1'))))] : []),
        ...(this.kind.encryptThenMac ? [extension(22)] : []),
        ...(modern
          ? [
              extension(43, vector(1, u16(0x0304), u16(0x0303))),
              extension(45, vector(1, u8(1))),
              extension(51, vector(2, u16(29), vector(2, made('share', 32)))),
            ]
          : []),
        ...(this.#early ? [extension(42), this.#ticket()] : []),
      ),
    );
  }

  /** The pre-shared key that is offered, always the last extension. */
  #ticket(): Uint8Array {
    const size = this.kind.hash === 'sha384' ? 48 : 32;
    return extension(41, vector(2, vector(2, made('ticket', 16)), u32(7)), vector(2, vector(1, made('binder', size))));
  }

  serverHello(random = this.#serverRandom): Uint8Array {
    const { version, suite, alpn, encryptThenMac } = this.kind;
    const modern = version === 0x0304;
    const retry = random !== this.#serverRandom;
    const share = retry ? extension(51, u16(23)) : extension(51, u16(29), vector(2, made('share s', 32)));
    return message(
      2,
      u16(Math.min(version, 0x0303)),
      random,
      vector(1, modern ? made('session', 32) : u8()),
      u16(suite),
      u8(0),
      vector(
        2,
        ...(modern
          ? [extension(43, u16(0x0304)), share, ...(this.#early && !retry ? [extension(41, u16(0))] : [])]
          : [extension(0xff01, vector(1))]),
        ...(alpn && !modern ? [extension(16, vector(2, vector(1, f.ascii(alpn))))] : []),
        ...(encryptThenMac ? [extension(22)] : []),
      ),
    );
  }

  #modern(): this {
    const { alpn, hash } = this.kind;
    const size = hash === 'sha384' ? 48 : 32;
    const hello = this.record('server', HANDSHAKE, this.serverHello());
    this.#secret('client', 'HANDSHAKE_TRAFFIC_SECRET');
    this.#secret('server', 'HANDSHAKE_TRAFFIC_SECRET');
    const agreed = alpn ? [extension(16, vector(2, vector(1, f.ascii(alpn))))] : [];
    this.send(
      'server',
      hello,
      this.record('server', CHANGE, u8(1)),
      this.record('server', HANDSHAKE, message(8, vector(2, ...agreed))),
      this.record('server', HANDSHAKE, message(11, vector(1), vector(3, vector(3, certificate), vector(2)))),
      this.record('server', HANDSHAKE, message(15, u16(0x0403), vector(2, made('signature', 64)))),
      this.record('server', HANDSHAKE, message(20, made('server finished', size))),
    );
    this.#secret('server', 'TRAFFIC_SECRET_0');
    this.send(
      'client',
      this.record('client', CHANGE, u8(1)),
      this.record('client', HANDSHAKE, message(20, made('client finished', size))),
    );
    this.#secret('client', 'TRAFFIC_SECRET_0');
    return this;
  }

  #classic(): this {
    this.send(
      'server',
      this.record('server', HANDSHAKE, this.serverHello()),
      this.record('server', HANDSHAKE, message(11, vector(3, vector(3, certificate)))),
      this.record('server', HANDSHAKE, message(14)),
    );
    this.#master();
    const finished = (side: Side) => this.record(side, HANDSHAKE, message(20, made(`${side} finished`, 12)));
    const change = (side: Side) => this.record(side, CHANGE, u8(1));
    const exchange = this.record('client', HANDSHAKE, message(16, vector(1, made('point', 32))));
    this.send('client', exchange, change('client'), this.#encrypted('client', finished));
    return this.send('server', change('server'), this.#encrypted('server', finished));
  }

  #block: Record<Side, Keys> | undefined;
  #encrypted(side: Side, make: (side: Side) => Uint8Array): Uint8Array {
    this.#keys[side] = this.#block![side];
    return make(side);
  }

  #master(): void {
    const { version, keyLength, mac, cipher, hash } = this.kind;
    const master = made(`master ${this.#name}`, 48);
    this.log.push(`CLIENT_RANDOM ${hex(this.#clientRandom)} ${hex(master)}`);
    const macLength = mac ? { sha1: 20, sha256: 32, sha384: 48 }[mac] : 0;
    const ivLength = mac ? (version < 0x0302 ? 16 : 0) : cipher === 'chacha20-poly1305' ? 12 : 4;
    const seed = concat(f.ascii('key expansion'), this.#serverRandom, this.#clientRandom);
    const size = 2 * (macLength + keyLength + ivLength);
    const classic = () => {
      const one = pHash('md5', master.subarray(0, 24), seed, size);
      const two = pHash('sha1', master.subarray(24), seed, size);
      return one.map((byte, i) => byte ^ two[i]!);
    };
    const block = version >= 0x0303 ? pHash(hash, master, seed, size) : classic();
    let at = 0;
    const take = (length: number) => {
      at += length;
      return block.subarray(at - length, at);
    };
    const [cMac, sMac, cKey, sKey] = [take(macLength), take(macLength), take(keyLength), take(keyLength)];
    const [cIv, sIv] = [take(ivLength), take(ivLength)];
    this.#block = {
      client: { macKey: cMac, key: cKey, iv: cIv, sequence: 0 },
      server: { macKey: sMac, key: sKey, iv: sIv, sequence: 0 },
    };
  }

  #secret(side: Side, label: string): void {
    const secret = made(`${side} ${label} ${this.#name}`, this.kind.hash === 'sha384' ? 48 : 32);
    this.log.push(`${side.toUpperCase()}_${label} ${hex(this.#clientRandom)} ${hex(secret)}`);
    this.#use(side, secret);
  }

  /** Sends a KeyUpdate, and has new keys. */
  update(side: Side): this {
    this.handshakeMessage(side, message(24, u8(0)));
    this.#use(side, expand(this.kind.hash, this.#keys[side]!.secret!, 'traffic upd', this.#keys[side]!.secret!.length));
    return this;
  }

  #use(side: Side, secret: Uint8Array): void {
    const { hash, keyLength } = this.kind;
    const [key, iv] = [expand(hash, secret, 'key', keyLength), expand(hash, secret, 'iv', 12)];
    this.#keys[side] = { key, iv, macKey: u8(), sequence: 0, secret };
  }

  record(side: Side, type: number, content: Uint8Array): Uint8Array {
    const keys = this.#keys[side];
    const version = u16(Math.min(this.kind.version, 0x0303));
    if (!keys || type === CHANGE) return concat(u8(type), version, vector(2, content));
    const sealed = this.kind.mac ? this.#cbc(keys, type, content) : this.#aead(keys, type, content);
    keys.sequence++;
    return sealed;
  }

  #aead(keys: Keys, type: number, content: Uint8Array): Uint8Array {
    const { version, cipher, tagLength = 16 } = this.kind;
    const modern = version === 0x0304;
    const inner = modern ? concat(content, u8(type), new Uint8Array(3)) : content;
    const number = concat(u32(0), u32(keys.sequence));
    const explicit = modern || cipher === 'chacha20-poly1305' ? u8() : number;
    const xored = (iv: Uint8Array) => iv.map((byte, i) => byte ^ (i < 4 ? 0 : number[i - 4]!));
    const nonce = explicit.length > 0 ? concat(keys.iv, explicit) : xored(keys.iv);
    const head = concat(u8(modern ? DATA : type), u16(0x0303));
    const about = modern ? concat(head, u16(inner.length + tagLength)) : concat(number, head, u16(content.length));
    const seal = createCipheriv(cipher as 'aes-128-gcm', keys.key, nonce, { authTagLength: tagLength });
    seal.setAAD(about, { plaintextLength: inner.length });
    const secret = seal.update(inner);
    seal.final();
    return concat(head, vector(2, explicit, secret, seal.getAuthTag()));
  }

  #cbc(keys: Keys, type: number, content: Uint8Array): Uint8Array {
    const { version, cipher, mac, encryptThenMac } = this.kind;
    const head = concat(u8(type), u16(version));
    const macOf = (covered: Uint8Array) =>
      createHmac(mac!, keys.macKey)
        .update(concat(u32(0), u32(keys.sequence), head, u16(covered.length), covered))
        .digest();
    const body = encryptThenMac ? content : concat(content, macOf(content));
    const padding = 15 - (body.length % 16);
    const padded = concat(body, new Uint8Array(padding + 1).fill(padding));
    const chained = version < 0x0302;
    const iv = chained ? keys.iv : made(`iv ${keys.sequence}`, 16);
    const seal = createCipheriv(cipher, keys.key, iv).setAutoPadding(false);
    const secret = concat(chained ? u8() : iv, seal.update(padded));
    if (chained) keys.iv = secret.slice(-16);
    return concat(head, vector(2, secret, encryptThenMac ? macOf(secret) : u8()));
  }
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
