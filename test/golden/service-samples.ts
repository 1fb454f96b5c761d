/** Samples of what servers in a data centre and an office speak: caches, queues, files and names of Windows networks, tunnels. */
import * as f from '../../electron/cli/demo/frames/index.ts';
import { raw } from './sample-parts.ts';
import type { Sample } from './samples.ts';
import { Talk } from './talk.ts';

const bulk = (...words: string[]) =>
  `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;

/** Of memcached's binary protocol. */
const mc = (head: string, extras: Uint8Array, key: string, value: Uint8Array) =>
  f.concat(
    raw(head.slice(0, 4)),
    f.u16(key.length),
    Uint8Array.of(extras.length, 0),
    raw(head.slice(4, 8)),
    f.u32(extras.length + key.length + value.length),
    raw('01020304 0000000000000005'),
    extras,
    f.ascii(key),
    value,
  );
const NOTHING = new Uint8Array(0);

const kafkaText = (text: string) => f.concat(f.u16(text.length), f.ascii(text));
const kafka = (...parts: Uint8Array[]) => {
  const body = f.concat(...parts);
  return f.concat(f.u32(body.length), body);
};

export const SERVICE_SAMPLES: Record<string, Sample> = {
  resp: new Talk(6379)
    .c('PING\r\n')
    .s('+PONG\r\n')
    .c(bulk('SET', 'name', 'value with spaces'), bulk('GET', 'name'))
    .s('+OK\r\n$17\r\nvalue wi')
    .s('th spaces\r\n')
    .c(bulk('INCR', 'count'))
    .s(':-42\r\n')
    .c(bulk('LRANGE', 'list', '0', '-1'))
    .s('*4\r\n$3\r\none\r\n$-1\r\n*2\r\n:1\r\n+two\r\n*-1\r\n')
    .c(bulk('NOPE'))
    .s("-ERR unknown command 'NOPE'\r\n")
    .c(bulk('GET', ''))
    .s('$0\r\n\r\n')
    .s('$-1\r\n*-1\r\n*0\r\n+A\r\n:5\r\n-no\r\n$1\r\nx\r\n')
    .c(bulk('MSET', 'a'), '*2\r\n$3\r\nGE')
    .c('T\r\n$1\r\na\r\n')
    .c('PING\r\nPING\r\n', bulk('GET', 'b'))
    .s('+b\r\n+c\r\n')
    .c(bulk('HELLO', '3'))
    .s('%2\r\n+server\r\n+redis\r\n+proto\r\n:3\r\n')
    .s('>2\r\n+message\r\n_\r\n~1\r\n#t\r\n,1.5\r\n(123\r\n=7\r\ntxt:abc\r\n!2\r\nno\r\n').sample,
  memcache: new Talk(11211)
    .c('set name 5 3600 5\r\nhello\r\n')
    .s('STORED\r\n')
    .c('get name\r\n')
    .s('VALUE name 5 5\r\nhello\r\nEND\r\n')
    .c('gets name other\r\n')
    .s('VALUE name 5 5 77\r\nhello\r\nVALUE other 0 2\r\nab\r\nEND\r\n')
    .c('cas name 5 3600 3 77 noreply\r\nabc\r\n')
    .c('incr count 5\r\n')
    .s('105\r\n')
    .c('decr count 1 noreply\r\n')
    .c('delete name\r\n')
    .s('DELETED\r\n')
    .c('version\r\n')
    .s('VERSION 1.6.18\r\n')
    .c('stats\r\n')
    .s('STAT pid 5\r\nSTAT uptime 77\r\nEND\r\n')
    .c('flush_all 10\r\n')
    .s('OK\r\n')
    .c('verbosity 1\r\n')
    .s('OK\r\n')
    .c('nonsense\r\n')
    .s('ERROR\r\n')
    .c('get broken')
    .s('CLIENT_ERROR bad command line format\r\n')
    .c('quit\r\n').sample,
  memcache_binary: new Talk(11211)
    .c(mc('80010000', raw('deadbeef 00000e10'), 'name', f.ascii('hello')))
    .s(mc('81010000', NOTHING, '', NOTHING))
    .c(mc('80000000', NOTHING, 'name', NOTHING))
    .s(mc('81000000', raw('deadbeef'), '', f.ascii('hello')))
    .c(mc('80000000', NOTHING, 'other', NOTHING))
    .s(mc('81000001', NOTHING, '', f.ascii('Not found')))
    .c(mc('80050000', raw('0000000000000001 0000000000000000 00000e10'), 'count', NOTHING))
    .s(mc('81050000', NOTHING, '', raw('0000000000000007')))
    .c(mc('800a0000', NOTHING, '', NOTHING), mc('800b0000', NOTHING, '', NOTHING))
    .s(mc('810a0000', NOTHING, '', NOTHING), mc('810b0000', NOTHING, '', f.ascii('1.6.18')))
    .c(mc('80100000', NOTHING, '', NOTHING))
    .s(mc('81100000', NOTHING, 'pid', f.ascii('5')))
    .c(mc('80080000', raw('0000000a'), '', NOTHING))
    .c(mc('80070000', NOTHING, '', NOTHING)).sample,
  kafka: new Talk(9092)
    .c(kafka(raw('0003 0000 00000001'), kafkaText('tester'), raw('00000001'), kafkaText('orders')))
    .s(kafka(raw('00000001 00000000 00000000')))
    .c(
      kafka(raw('0003 0001 00000002 ffff ffffffff')),
      kafka(raw('0012 0000 00000003'), kafkaText('tester')).slice(0, 9),
    )
    .c(kafka(raw('0012 0000 00000003'), kafkaText('tester')).slice(9))
    .s(f.concat(kafka(raw('00000002 00000000 00000000 00000000')), kafka(raw('00000003 0000 00000000'))))
    .s(kafka(raw('00000063 0000'))).sample,
};
