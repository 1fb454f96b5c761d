/** Handshakes before TLS 1.3 as far as they are in the clear: every way to agree on keys, and certificates that the server asks for. */
import * as f from '../../electron/cli/demo/frames/index.ts';
import { raw } from './sample-parts.ts';
import type { Sample } from './samples.ts';
import { Talk } from './talk.ts';
import { certificate, extension, made, message, vector } from './tls-talk.ts';

const record = (version: number, type: number, body: Uint8Array) =>
  f.concat(Uint8Array.of(type), f.u16(version), f.u16(body.length), body);
const der = (tag: number, ...parts: Uint8Array[]) => {
  const body = f.concat(...parts);
  return f.concat(Uint8Array.of(tag, body.length), body);
};
const pair = (oid: string, tag: number, text: string) =>
  der(0x31, der(0x30, der(0x06, raw(oid)), der(tag, f.ascii(text))));
const AUTHORITY = der(0x30, pair('550406', 0x13, 'DE'), pair('55040a', 0x0c, 'Test'), pair('550403', 0x0c, 'ca'));
const NAMES = vector(2, vector(2, AUTHORITY));
const SCHEMES = vector(2, raw('0403 0804 0401'));

interface Exchange {
  version: number;
  suite: number;
  server?: Uint8Array;
  client: Uint8Array;
  /** Extensions of the client hello. */
  offers?: Uint8Array;
  /** Certificates are asked for, and given. */
  mutual?: boolean;
}

let port = 42_000;
function handshake({ version, suite, server, client, offers, mutual = false }: Exchange): Uint8Array[] {
  const modern = version >= 0x0303;
  const say = (body: Uint8Array) => record(version, 22, body);
  const random = made(`exchange ${port}`, 32);
  const hello = message(
    1,
    f.u16(version),
    random,
    vector(1),
    vector(2, f.u16(suite), f.u16(0x00ff)),
    vector(1, raw('00')),
    ...(offers ? [vector(2, offers)] : []),
  );
  const signature = f.concat(...(modern ? [raw('0403')] : []), vector(2, made('signature', 64)));
  const asks = message(13, vector(1, raw('01 02 40')), ...(modern ? [SCHEMES] : []), NAMES);
  const chain = message(11, vector(3, vector(3, certificate)));
  return new Talk(443, port++)
    .c(record(0x0301, 22, hello))
    .s(
      say(message(2, f.u16(version), made(`answer ${port}`, 32), vector(1), f.u16(suite), raw('00'))),
      say(chain),
      ...(server ? [say(message(12, server))] : []),
      ...(mutual ? [say(asks)] : []),
      say(message(14)),
    )
    .c(
      ...(mutual ? [say(chain)] : []),
      say(message(16, client)),
      ...(mutual ? [say(message(15, signature))] : []),
      record(version, 20, raw('01')),
    ).frames;
}

const point = vector(1, made('point', 32));
const curve = f.concat(raw('03 001d'), point);
const signed = (modern: boolean) => f.concat(...(modern ? [raw('0804')] : []), vector(2, made('proof', 64)));
const prime = f.concat(vector(2, made('p', 64)), vector(2, raw('02')), vector(2, made('ys', 64)));

const FLOWS: Uint8Array[] = [
  ...handshake({ version: 0x0301, suite: 0xc014, server: f.concat(curve, signed(false)), client: point, mutual: true }),
  ...handshake({
    version: 0x0303,
    suite: 0xc030,
    server: f.concat(curve, signed(true)),
    client: point,
    mutual: true,
    offers: f.concat(extension(1, raw('02')), extension(13, SCHEMES), extension(47, NAMES)),
  }),
  ...handshake({
    version: 0x0303,
    suite: 0x009f,
    server: f.concat(prime, signed(true)),
    client: vector(2, made('yc', 64)),
  }),
  ...handshake({
    version: 0x0302,
    suite: 0x0039,
    server: f.concat(prime, signed(false)),
    client: vector(2, made('yc', 64)),
  }),
  ...handshake({ version: 0x0303, suite: 0x003c, client: vector(2, made('premaster', 64)) }),
  ...handshake({
    version: 0x0303,
    suite: 0x008c,
    server: vector(2, f.ascii('hint')),
    client: vector(2, f.ascii('identity')),
  }),
  ...new Talk(443, 42_100)
    .c(
      record(
        0x0301,
        22,
        message(1, f.u16(0x0303), made('r', 32), vector(1), vector(2, raw('1301')), vector(1, raw('00'))),
      ),
    )
    .s(record(0x0303, 21, raw('02 28'))).frames,
];

export const TLS_EXCHANGE_SAMPLES: Record<string, Sample> = {
  tls_exchange: { linkType: 1, frames: FLOWS.map((bytes) => ({ bytes })) },
};
