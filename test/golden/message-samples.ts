/** Samples of logs, caches and queues beyond the plain forms: framed in streams, cut into datagrams, with their bodies. */
import * as f from '../../electron/cli/demo/frames/index.ts';
import { BA, list, raw, udp4 } from './sample-parts.ts';
import type { Sample } from './samples.ts';
import { Talk } from './talk.ts';

/** With its length in front (RFC 6587 §3.4.1). */
const counted = (message: string) => `${message.length} ${message}`;
const OLD = '<34>Oct 11 22:14:15 mymachine su[99]: root login failed';
const MODERN = '<165>1 2003-10-11T22:14:15.003Z host.example app 1234 ID47 - An event';
const AS_SYSLOG = ['-d', 'tcp.port==601,syslog'];

/** memcached's header of a datagram: request id, its number of how many, reserved. */
const part = (id: number, number: number, of: number, text: string) =>
  f.concat(f.u16(id), f.u16(number), f.u16(of), raw('0000'), f.ascii(text));

export const MESSAGE_SAMPLES: Record<string, Sample> = {
  syslog_tcp: {
    ...new Talk(601, 40_010)
      .c(`${MODERN}`, '\n')
      .c(counted(OLD))
      .c(counted(MODERN), counted(OLD))
      .c(counted(MODERN).slice(0, 2))
      .c(counted(MODERN).slice(2, 30))
      .c(counted(MODERN).slice(30), `${OLD}\r\n${MODERN.slice(0, 20)}`)
      .c(`${MODERN.slice(20)}\n<13>no line feed at the end of`)
      .c(' this one\n')
      .c('neither counted nor with a priority')
      .c('0 <13>a count of nothing\n').sample,
    tshark: AS_SYSLOG,
  },
  memcache_udp: list(
    udp4(40_011, 11_211, part(7, 0, 1, 'get name\r\n')),
    udp4(11_211, 40_011, part(7, 0, 1, 'VALUE name 5 5\r\nhello\r\nEND\r\n'), BA),
    udp4(40_011, 11_211, part(8, 0, 1, 'stats\r\n')),
    udp4(11_211, 40_011, part(8, 0, 2, 'STAT pid 5\r\nSTAT upti'), BA),
    udp4(11_211, 40_011, part(8, 1, 2, 'me 77\r\nEND\r\n'), BA),
    udp4(
      40_011,
      11_211,
      f.concat(
        raw('0009 0000 0001 0000'),
        raw('80000004 00000000 00000004 01020304 0000000000000000'),
        f.ascii('name'),
      ),
    ),
    udp4(40_011, 11_211, raw('0001 0000 0001')),
    udp4(40_011, 11_211, raw('0001 0000 0001 0000')),
  ),
};
