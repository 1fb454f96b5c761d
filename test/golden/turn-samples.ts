/** TURN (RFC 8656): an allocation that is refused and granted, a channel, and what is relayed over it, over UDP and TCP. */
import * as f from '../../electron/cli/demo/frames/index.ts';
import { BA, list, raw, udp4 } from './sample-parts.ts';
import type { Sample } from './samples.ts';
import { Talk } from './talk.ts';

const attribute = (type: number, value: Uint8Array) =>
  f.concat(f.u16(type), f.u16(value.length), value, new Uint8Array(-value.length & 3));
const message = (type: number, id: number, ...attributes: Uint8Array[]) => {
  const body = f.concat(...attributes);
  return f.concat(f.u16(type), f.u16(body.length), raw('2112a442'), new Uint8Array(8), f.u32(id), body);
};
const channelData = (text: string, padded: boolean) =>
  f.concat(raw('4001'), f.u16(text.length), f.ascii(text), new Uint8Array(padded ? -text.length & 3 : 0));

const UDP = attribute(0x0019, raw('11000000'));
const LIFETIME = attribute(0x000d, f.u32(600));
const USER = attribute(0x0006, f.ascii('me'));
const NONCE = attribute(0x0015, f.ascii('nonce'));
const REALM = attribute(0x0014, f.ascii('realm'));
const PEER = attribute(0x0012, raw('0001 e6a3 2b12a440'));
const bind = (id: number) => message(0x0009, id, attribute(0x000c, raw('40010000')), PEER, USER, NONCE, REALM);

const ask = (bytes: Uint8Array) => udp4(50_071, 3478, bytes);
const answer = (bytes: Uint8Array) => udp4(3478, 50_071, bytes, BA);

export const TURN_SAMPLES: Record<string, Sample> = {
  turn: list(
    ask(message(0x0003, 1, UDP, LIFETIME, attribute(0x0018, raw('80')))),
    answer(message(0x0113, 1, attribute(0x0009, f.concat(raw('00000401'), f.ascii('Unauthorized'))), NONCE, REALM)),
    ask(message(0x0003, 2, attribute(0x0019, raw('06000000')), LIFETIME, USER, NONCE, REALM)),
    answer(message(0x0103, 2, attribute(0x0016, raw('0001 e6a3 2b12a440')), LIFETIME, attribute(0x0022, f.pattern(8)))),
    ask(bind(3)),
    answer(message(0x0109, 3)),
    ask(channelData('relayed', false)),
    answer(channelData('answer', true)),
    answer(
      message(0x0101, 4, attribute(0x802b, raw('0001 0d96 0a000002')), attribute(0x802c, raw('0001 0d97 0a000003'))),
    ),
  ),
  turn_tcp: new Talk(3478, 43_100)
    .c(message(0x0008, 5, PEER, USER, NONCE, REALM), bind(6))
    .s(message(0x0108, 5), message(0x0109, 6))
    .c(channelData('relayed', true), channelData('and more', true).subarray(0, 5))
    .c(channelData('and more', true).subarray(5))
    .s(channelData('answer', true)).sample,
};
