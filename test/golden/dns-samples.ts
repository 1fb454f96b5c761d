/** DNS beyond the everyday records: what EDNS options say (RFC 6891), keys and signatures, services, dynamic updates. */
import * as f from '../../electron/cli/demo/frames/index.ts';
import { BA, list, raw, udp4 } from './sample-parts.ts';
import type { Sample } from './samples.ts';

const label = (text: string) => f.concat(Uint8Array.of(text.length), f.ascii(text));
const name = (text: string) => f.concat(...text.split('.').map(label), raw('00'));
const HERE = raw('c00c');
const question = (type: number, kind = 1) => f.concat(name('x.example'), f.u16(type), f.u16(kind));
const record = (type: number, data: Uint8Array, owner = HERE, kind = 1, ttl = 60) =>
  f.concat(owner, f.u16(type), f.u16(kind), f.u32(ttl), f.u16(data.length), data);
const option = (code: number, data: Uint8Array) => f.concat(f.u16(code), f.u16(data.length), data);
const edns = (...options: Uint8Array[]) => record(41, f.concat(...options), raw('00'), 1232, 0);

let id = 1;
function asked(flags: number, type: number, ...additional: Uint8Array[]): Uint8Array {
  const counts = f.concat(f.u16(1), f.u16(0), f.u16(0), f.u16(additional.length));
  return udp4(53_000, 53, f.concat(f.u16(id), f.u16(flags), counts, question(type), ...additional));
}
function answered(type: number, ...records: Uint8Array[]): Uint8Array {
  const counts = f.concat(f.u16(1), f.u16(records.length), f.u16(0), f.u16(0));
  return udp4(53, 53_000, f.concat(f.u16(id++), f.u16(0x8180), counts, question(type), ...records), BA);
}
const talk = (type: number, ...records: Uint8Array[]) => [asked(0x0100, type), answered(type, ...records)];

const SIGNED = f.concat(
  raw('0001 0d 02 00000e10'),
  f.u32(1_795_000_000),
  f.u32(1_794_000_000),
  f.u16(0x1234),
  name('example'),
  f.pattern(64),
);
const parameter = (key: number, value: Uint8Array) => f.concat(f.u16(key), f.u16(value.length), value);

export const DNS_SAMPLES: Record<string, Sample> = {
  dns_options: list(
    asked(0x0120, 1, edns(option(10, raw('0102030405060708')), option(3, raw('')))),
    answered(
      1,
      edns(
        option(10, raw('0102030405060708 1112131415161718 2122232425262728')),
        option(3, f.ascii('ns1')),
        option(15, raw('0012')),
        option(15, f.concat(raw('0006'), f.ascii('signature bad'))),
      ),
    ),
    asked(
      0x0120,
      1,
      edns(
        option(8, raw('0001 18 00 c00002')),
        option(8, raw('0002 38 00 20010db8000000')),
        option(8, raw('0003 08 00 ff')),
        option(8, raw('0001 00 00')),
        option(12, new Uint8Array(6)),
        option(11, raw('')),
        option(5, raw('080d')),
        option(6, raw('0102')),
        option(7, raw('01')),
        option(13, name('example')),
        option(9, raw('00000e10')),
        option(65_001, raw('aabb')),
      ),
    ),
    answered(1, edns(option(11, raw('0064')))),
  ),
  dns_records: list(
    ...talk(
      35,
      record(35, f.concat(f.u16(10), f.u16(20), label('s'), label('SIP+D2U'), raw('00'), name('sip.example'))),
    ),
    ...talk(
      43,
      record(43, f.concat(f.u16(0x1122), raw('0802'), f.pattern(32))),
      record(59, f.concat(f.u16(0x1122), raw('0d04'), f.pattern(48))),
    ),
    ...talk(44, record(44, f.concat(raw('0402'), f.pattern(32)))),
    ...talk(48, record(48, f.concat(raw('0101 03 0d'), f.pattern(64))), record(46, SIGNED)),
    ...talk(47, record(47, f.concat(name('y.example'), raw('0006 400000000003 0101 40')))),
    ...talk(
      50,
      record(50, f.concat(raw('01 01 000a 02 aabb 14'), f.pattern(20), raw('0006 400000000003'))),
      record(51, raw('01 00 0000 00')),
    ),
    ...talk(52, record(52, f.concat(raw('030101'), f.pattern(32)))),
    ...talk(
      257,
      record(257, f.concat(raw('80'), label('issue'), f.ascii('ca.example'))),
      record(257, f.concat(raw('00'), label('issuewild'), f.ascii(';'))),
      record(257, f.concat(raw('00'), label('iodef'), f.ascii('mailto:a@x.example'))),
      record(257, f.concat(raw('00'), label('other'), f.ascii('value'))),
    ),
    ...talk(
      65,
      record(
        65,
        f.concat(
          f.u16(1),
          raw('00'),
          parameter(0, raw('0001 0003')),
          parameter(1, f.concat(label('h3'), label('h2'))),
          parameter(2, raw('')),
          parameter(3, raw('20fb')),
          parameter(4, raw('c0000201 c0000202')),
          parameter(5, raw('0004 fe0d 0000')),
          parameter(6, f.ipBytes('2001:db8::1')),
          parameter(7, f.ascii('/dns-query')),
        ),
      ),
      record(64, f.concat(f.u16(0), name('svc.example'))),
    ),
    ...talk(13, record(13, f.concat(label('AMD'), label('Linux')))),
    ...talk(39, record(39, name('other.example'))),
    ...talk(99, record(99, label('v=spf1 -all'))),
    ...talk(256, record(256, f.concat(f.u16(10), f.u16(1), f.ascii('https://x.example/')))),
    ...talk(17, record(17, f.concat(name('mail.example'), name('text.example')))),
    ...talk(37, record(37, f.concat(raw('0001 0002 05'), f.pattern(8)))),
  ),
  dns_update: list(
    udp4(
      53_000,
      53,
      f.concat(
        raw('0777 2800 0001 0001 0001 0001'),
        question(6),
        record(255, raw(''), HERE, 255, 0),
        record(1, raw('c0000201')),
        record(
          250,
          f.concat(name('hmac-sha256'), raw('00006b0c0000 012c 0008 1122334455667788 0777 0000 0000')),
          raw('036b657900'),
          255,
          0,
        ),
      ),
    ),
    udp4(53, 53_000, f.concat(raw('0777 a800 0001 0000 0000 0000'), question(6)), BA),
    udp4(53_000, 53, f.concat(raw('0778 2400 0001 0000 0000 0000'), question(6))),
    udp4(53_000, 53, f.concat(raw('0779 0100 0001 0000 0000 0000 04 62c3bc78 03 612062 02 5c2e 00 0001 0001'))),
  ),
};
