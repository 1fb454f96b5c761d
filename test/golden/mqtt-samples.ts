/** MQTT 5, and connections of version 3.1: properties of every type, reasons, several subscriptions at once. */
import * as f from '../../electron/cli/demo/frames/index.ts';
import { raw } from './sample-parts.ts';
import type { Sample } from './samples.ts';
import { Talk } from './talk.ts';

const packet = (first: number, ...parts: Uint8Array[]) => {
  const body = f.concat(...parts);
  const size =
    body.length < 128 ? Uint8Array.of(body.length) : Uint8Array.of(0x80 | (body.length & 0x7f), body.length >> 7);
  return f.concat(Uint8Array.of(first), size, body);
};
const text = (value: string) => f.concat(f.u16(value.length), f.ascii(value));
const properties = (...parts: Uint8Array[]) => {
  const all = f.concat(...parts);
  return f.concat(Uint8Array.of(all.length), all);
};
const one = (id: number, value: Uint8Array) => f.concat(Uint8Array.of(id), value);
const NONE = properties();

export const MQTT_SAMPLES: Record<string, Sample> = {
  mqtt_5: new Talk(1883, 43_001)
    .c(
      packet(
        0x10,
        text('MQTT'),
        raw('05 ce 003c'),
        properties(
          one(17, f.u32(50)),
          one(33, f.u16(20)),
          one(23, raw('01')),
          one(21, text('PLAIN')),
          one(22, raw('0002 0061')),
        ),
        text('client'),
        properties(one(24, f.u32(5)), one(2, f.u32(60)), one(3, text('text/plain'))),
        text('will'),
        text('gone'),
        text('me'),
        text('secret'),
      ),
    )
    .s(
      packet(
        0x20,
        raw('01 00'),
        properties(
          one(34, f.u16(10)),
          one(36, raw('01')),
          one(37, raw('01')),
          one(18, text('assigned')),
          one(39, f.u32(1_048_576)),
          one(19, f.u16(30)),
          one(31, text('fine')),
          one(40, raw('01')),
        ),
      ),
    )
    .c(packet(0x82, raw('0001'), properties(one(11, raw('8001'))), text('a/+'), raw('2d'), text('b/#'), raw('12')))
    .s(packet(0x90, raw('0001'), NONE, raw('01 02 8f')))
    .c(
      packet(
        0x32,
        text('x/y'),
        raw('0002'),
        properties(
          one(1, raw('01')),
          one(35, f.u16(7)),
          one(8, text('r/x')),
          one(9, text('id')),
          one(38, f.concat(text('key'), text('value'))),
          one(3, text('json')),
        ),
        f.ascii('hello'),
      ),
    )
    .s(packet(0x40, raw('0002 10'), properties(one(31, text('nobody')))))
    .c(packet(0x34, text('a/c'), raw('0003'), NONE, f.ascii('two')))
    .s(packet(0x50, raw('0003')))
    .c(packet(0x62, raw('0003 92')))
    .s(packet(0x70, raw('0003')), packet(0x30, text(''), properties(one(35, f.u16(7))), f.ascii('by alias')))
    .c(packet(0xa2, raw('0004'), NONE, text('a/+'), text('b/#')))
    .s(packet(0xb0, raw('0004'), NONE, raw('00 11')))
    .s(packet(0xf0, raw('18'), properties(one(21, text('PLAIN')))))
    .c(packet(0xe0, raw('04'), NONE)).sample,
  mqtt_3_1: new Talk(1883, 43_002)
    .c(packet(0x10, text('MQIsdp'), raw('03 02 003c'), text('old')))
    .s(packet(0x20, raw('00 00')))
    .c(packet(0x82, raw('0001'), text('a'), raw('00'), text('b/c'), raw('02')))
    .s(packet(0x90, raw('0001 00 02')))
    .c(packet(0xa2, raw('0002'), text('a'), text('b/c')))
    .s(packet(0xb0, raw('0002'))).sample,
};
