/** SNMP beyond a get and its answer: version 3, hidden and not, traps of version 1, and every type of value. */
import * as f from '../../electron/cli/demo/frames/index.ts';
import { BA, list, raw, udp4 } from './sample-parts.ts';
import type { Sample } from './samples.ts';

const ber = (tag: number, ...parts: Uint8Array[]) => {
  const body = f.concat(...parts);
  return f.concat(
    Uint8Array.of(tag),
    body.length < 128 ? Uint8Array.of(body.length) : f.concat(raw('82'), f.u16(body.length)),
    body,
  );
};
const sequence = (...parts: Uint8Array[]) => ber(0x30, ...parts);
const number = (value: number, tag = 2) =>
  ber(tag, value < 128 ? Uint8Array.of(value) : f.concat(raw('00'), f.u32(value)));
const octets = (text: string | Uint8Array) => ber(4, typeof text === 'string' ? f.ascii(text) : text);
const oid = (last: number) => ber(6, raw('2b06010201010'.concat(String(last), '00')));
const binding = (last: number, value: Uint8Array) => sequence(oid(last), value);
const pdu = (tag: number, id: number, ...bindings: Uint8Array[]) =>
  ber(tag, number(id), number(0), number(0), sequence(...bindings));

const NET_SNMP = raw('80001f88 80 1f193b5f 65937d25 00000000');
const ENGINES = [NET_SNMP, raw('80000009 01 0a000001'), raw('80000009 03 020000000001'), raw('80000009 04 6e616d65')];
interface Security {
  flags: number;
  engine?: Uint8Array;
  user?: string;
  auth?: Uint8Array;
  priv?: Uint8Array;
}
const v3 = ({ flags, engine = raw(''), user = '', auth = raw(''), priv = raw('') }: Security, data: Uint8Array) =>
  sequence(
    number(3),
    sequence(number(0x4a000001), number(65_507), octets(Uint8Array.of(flags)), number(3)),
    octets(sequence(octets(engine), number(1), number(26), octets(user), octets(auth), octets(priv))),
    data,
  );
const plain = (engine: Uint8Array, inner: Uint8Array) => sequence(octets(engine), octets('context'), inner);

const ask = (message: Uint8Array) => udp4(50_061, 161, message);
const answer = (message: Uint8Array) => udp4(161, 50_061, message, BA);
const AUTH = f.pattern(12);

export const SNMP_SAMPLES: Record<string, Sample> = {
  snmp_v3: list(
    ask(v3({ flags: 4 }, sequence(octets(''), octets(''), pdu(0xa0, 1)))),
    answer(v3({ flags: 0, engine: NET_SNMP }, plain(NET_SNMP, pdu(0xa8, 1, binding(1, number(7, 0x41)))))),
    ...ENGINES.flatMap((engine, i) => [
      ask(
        v3({ flags: 5, engine, user: 'user', auth: AUTH }, plain(engine, pdu(0xa0, 10 + i, binding(1, raw('0500'))))),
      ),
      answer(
        v3(
          { flags: 1, engine, user: 'user', auth: AUTH },
          plain(engine, pdu(0xa2, 10 + i, binding(3, number(9, 0x43)))),
        ),
      ),
    ]),
    ask(v3({ flags: 7, engine: NET_SNMP, user: 'user', auth: AUTH, priv: f.pattern(8) }, octets(f.pattern(48)))),
  ),
  snmp_values: list(
    answer(
      sequence(
        number(1),
        octets('public'),
        pdu(
          0xa2,
          5,
          binding(1, number(1)),
          binding(2, number(2, 0x42)),
          binding(3, number(3, 0x47)),
          binding(4, ber(0x46, raw('0102030405060708'))),
          binding(5, ber(0x40, raw('0a000001'))),
          binding(6, ber(0x44, raw('9f780441200000'))),
          binding(7, ber(0x80)),
          binding(8, ber(0x81)),
          binding(9, ber(0x82)),
          binding(1, ber(6, raw('2b0601'))),
        ),
      ),
    ),
    udp4(
      50_062,
      162,
      sequence(
        number(0),
        octets('public'),
        ber(
          0xa4,
          ber(6, raw('2b0601040109')),
          ber(0x40, raw('0a000001')),
          number(6),
          number(3),
          number(99, 0x43),
          sequence(binding(1, number(4, 0x43))),
        ),
      ),
    ),
  ),
};
