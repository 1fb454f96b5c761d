/** Samples of what servers in a data centre and an office speak: caches, queues, files and names of Windows networks, tunnels. */
import * as f from '../../electron/cli/demo/frames/index.ts';
import { BA, list, raw, udp4 } from './sample-parts.ts';
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

/** First-level encoding of a NetBIOS name (RFC 1001 §14.1): two letters a byte. */
const netbios = (name: string, suffix: number, pad = ' ') =>
  f.concat(
    raw('20'),
    f.ascii(
      [...f.ascii(name.padEnd(15, pad)), suffix]
        .map((byte) => String.fromCharCode(65 + (byte >> 4), 65 + (byte & 15)))
        .join(''),
    ),
    raw('00'),
  );
const WORKSTATION = netbios('XDPEEK', 0);
const SERVER = netbios('FILES', 0x20);
const ownName = (name: string, suffix: number, flags: string) =>
  f.concat(f.ascii(name.padEnd(15)), Uint8Array.of(suffix), raw(flags));
/** Of a NetBIOS datagram: header, and both names. */
const datagram = (type: string, payload: Uint8Array) =>
  f.concat(
    raw(`${type} 02 1234 0a000001 008a`),
    f.u16(WORKSTATION.length + SERVER.length + payload.length),
    raw('0000'),
    WORKSTATION,
    SERVER,
    payload,
  );

const utf16 = (text: string) => f.concat(...[...text].map((letter) => Uint8Array.of(letter.charCodeAt(0), 0)));
const le16 = (value: number) => Uint8Array.of(value & 255, value >> 8);
const le32 = (value: number) => f.concat(le16(value & 0xffff), le16(value >>> 16));
interface Smb {
  command: number;
  id: number;
  response?: boolean;
  status?: number;
  tree?: number;
  session?: string;
  next?: number;
}
const smbHeader = ({
  command,
  id,
  response = false,
  status = 0,
  tree = 0,
  session = '0000000000000000',
  next = 0,
}: Smb) =>
  f.concat(
    raw('fe534d42 4000 0100'),
    le32(status),
    le16(command),
    raw('0100'),
    le32(response ? 1 : 0),
    le32(next),
    le32(id),
    raw('00000000 fffe0000'),
    le32(tree),
    raw(session),
    new Uint8Array(16),
  );
const smb = (head: Smb, ...parts: Uint8Array[]) => {
  const body = f.concat(smbHeader(head), ...parts);
  return f.concat(f.u32(body.length), body);
};
const FILE_ID = raw('1100000000000000 2200000000000000');
const S1 = '0100000000040000';

/** A TLS client's first message, small. */
const CLIENT_HELLO = f.concat(raw('16 0301 002f 01 00002b 0303'), f.pattern(32), raw('00 0002 1301 01 00 0000'));

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
  nbns: list(
    udp4(137, 137, f.concat(raw('1234 0110 0001 0000 0000 0000'), SERVER, raw('0020 0001'))),
    udp4(
      137,
      137,
      f.concat(raw('1234 8580 0000 0001 0000 0000'), SERVER, raw('0020 0001 000493e0 0006 0000 0a000002')),
      BA,
    ),
    udp4(
      137,
      137,
      f.concat(
        raw('1235 2910 0001 0000 0000 0001'),
        WORKSTATION,
        raw('0020 0001 c00c 0020 0001 000493e0 0006 8000 0a000001'),
      ),
    ),
    udp4(137, 137, f.concat(raw('1236 0000 0001 0000 0000 0000'), netbios('*', 0, '\0'), raw('0021 0001'))),
    udp4(
      137,
      137,
      f.concat(
        raw('1236 8400 0000 0001 0000 0000'),
        netbios('*', 0, '\0'),
        raw('0021 0001 00000000 0053 02'),
        ownName('FILES', 0x20, '0400'),
        ownName('WORKGROUP', 0, '8400'),
        raw('02000000000b'),
        new Uint8Array(40),
      ),
      BA,
    ),
    udp4(137, 137, f.concat(raw('1237 8583 0000 0001 0000 0000'), SERVER, raw('000a 0001 00000000 0000')), BA),
    udp4(
      137,
      137,
      f.concat(raw('1238 b000 0000 0001 0000 0000'), WORKSTATION, raw('0020 0001 00000000 0006 6000 0a000001')),
      BA,
    ),
  ),
  nbdgm: list(
    udp4(138, 138, datagram('10', f.ascii('hello'))),
    udp4(138, 138, datagram('11', f.ascii('hello all'))),
    udp4(138, 138, raw('13 0a 1235 0a000001 008a 82')),
    udp4(138, 138, f.concat(raw('14 06 1236 0a000001 008a'), SERVER)),
  ),
  nbss: new Talk(139)
    .c(f.concat(raw('81 00 0044'), SERVER, WORKSTATION))
    .s(raw('82 00 0000'))
    .c(raw('85 00 0000'))
    .s(raw('83 00 0001 82'))
    .s(raw('84 00 0006 0a000003 01bd'))
    .c(raw('00 00 0004 01020304')).sample,
  smb2: new Talk(445)
    .c(
      smb(
        { command: 0, id: 0 },
        raw('2400 0300 0100 0000 7f000000 000102030405060708090a0b0c0d0e0f 0000000000000000 0202 1002 0003'),
      ),
    )
    .s(
      smb(
        { command: 0, id: 0, response: true },
        raw('4100 0100 1002 0000 000102030405060708090a0b0c0d0e0f 2f000000 00008000 00008000 00008000'),
        raw('0080f5b39fcdd901 0000000000000000 8000 0000 00000000'),
      ),
    )
    .c(smb({ command: 1, id: 1 }, raw('1900 00 01 01000000 00000000 5800 0000 0000000000000000')))
    .s(smb({ command: 1, id: 1, response: true, status: 0xc0000016, session: S1 }, raw('0900 0000 4800 0000')))
    .c(smb({ command: 3, id: 2, session: S1 }, raw('0900 0000 4800 1600'), utf16('\\\\10.0.0.2\\s')))
    .s(smb({ command: 3, id: 2, response: true, session: S1, tree: 5 }, raw('1000 01 00 30000000 00000000 ff011f00')))
    .c(
      smb(
        { command: 5, id: 3, session: S1, tree: 5 },
        raw(
          '3900 00 00 02000000 0000000000000000 0000000000000000 89001200 80000000 07000000 01000000 40000000 7800 1000 00000000 00000000',
        ),
        utf16('dir\\a.txt').slice(0, 16),
      ),
    )
    .s(
      smb(
        { command: 5, id: 3, response: true, session: S1, tree: 5 },
        raw(
          '5900 00 00 01000000 0080f5b39fcdd901 0080f5b39fcdd901 0080f5b39fcdd901 0080f5b39fcdd901 0010000000000000 0500000000000000 80000000 00000000',
        ),
        FILE_ID,
        raw('00000000 00000000'),
      ),
    )
    .c(
      smb(
        { command: 8, id: 4, session: S1, tree: 5 },
        raw('3100 50 00 05000000 0000000000000000'),
        FILE_ID,
        raw('00000000 00000000 00000000 0000 0000 00'),
      ),
    )
    .s(
      smb(
        { command: 8, id: 4, response: true, session: S1, tree: 5 },
        raw('1100 50 00 05000000 00000000 00000000 68656c6c6f'),
      ),
    )
    .c(
      smb(
        { command: 9, id: 5, session: S1, tree: 5 },
        raw('3100 7000 03000000 0500000000000000'),
        FILE_ID,
        raw('00000000 00000000 0000 0000 00000000 616263'),
      ),
    )
    .s(smb({ command: 9, id: 5, response: true, session: S1, tree: 5 }, raw('1100 0000 03000000 00000000 0000 0000')))
    .c(smb({ command: 6, id: 6, session: S1, tree: 5 }, raw('1800 0100 00000000'), FILE_ID))
    .s(
      smb(
        { command: 6, id: 6, response: true, session: S1, tree: 5, status: 0xc0000128 },
        raw('0900 00 00 00000000 00'),
      ),
    )
    .c(smb({ command: 4, id: 7, session: S1, tree: 5 }, raw('0400 0000')))
    .s(smb({ command: 4, id: 7, response: true, session: S1, tree: 5 }, raw('0400 0000')))
    .c(smb({ command: 2, id: 8, session: S1 }, raw('0400 0000')))
    .s(smb({ command: 2, id: 8, response: true, session: S1 }, raw('0400 0000'))).sample,
  openvpn: list(
    udp4(50_010, 1194, raw('38 0102030405060708 00 00000000')),
    udp4(1194, 50_010, raw('40 1112131415161718 01 00000000 0102030405060708 00000000'), BA),
    udp4(50_010, 1194, raw('28 0102030405060708 01 00000000 1112131415161718')),
    udp4(50_010, 1194, f.concat(raw('38 0102030405060708'), f.pattern(20), raw('00000001 66000000 00 00000000'))),
    udp4(50_010, 1194, f.concat(raw('50 0102030405060708 00000001 66000000'), f.pattern(52).reverse())),
    udp4(50_010, 1194, f.concat(raw('20 0102030405060708 00 00000001'), CLIENT_HELLO.slice(0, 30))),
    udp4(50_010, 1194, f.concat(raw('20 0102030405060708 00 00000002'), CLIENT_HELLO.slice(30))),
    udp4(1194, 50_010, raw('28 1112131415161718 02 00000001 00000002 0102030405060708'), BA),
    udp4(50_010, 1194, f.concat(raw('31'), f.pattern(40))),
    udp4(50_010, 1194, f.concat(raw('48 000007'), f.pattern(40))),
    udp4(1194, 50_010, f.concat(raw('48 000007'), f.pattern(20)), BA),
  ),
  openvpn_tcp: new Talk(1194)
    .c(raw('000e 38 0102030405060708 00 00000000'))
    .s(raw('001a 40 1112131415161718 01 00000000 0102030405060708 00000000'))
    .c(f.concat(f.u16(14 + CLIENT_HELLO.length), raw('20 0102030405060708 00 00000001'), CLIENT_HELLO).slice(0, 20))
    .c(f.concat(f.u16(14 + CLIENT_HELLO.length), raw('20 0102030405060708 00 00000001'), CLIENT_HELLO).slice(20))
    .s(f.concat(raw('0016 28 1112131415161718 01 00000001 0102030405060708 0015 31'), f.pattern(20))).sample,
  pop: new Talk(110)
    .s('+OK POP3 ready\r\n')
    .c('USER alice\r\n')
    .s('+OK\r\n')
    .c('PASS secret word\r\n')
    .s('-ERR no\r\n')
    .c('STAT\r\n')
    .s('+OK 2 320\r\n')
    .c('LIST\r\n')
    .s('+OK 2 messages\r\n1 120\r\n2 200\r\n.\r\n')
    .c('QUIT\r\n').sample,
  tftp: list(
    udp4(50_020, 69, f.concat(raw('0001'), f.ascii('boot/kernel\0octet\0blksize\x001024\0tsize\x000\0'))),
    udp4(69, 50_020, f.concat(raw('0006'), f.ascii('blksize\x001024\0tsize\x002048\0')), BA),
    udp4(50_020, 69, raw('0004 0000')),
    udp4(69, 50_020, f.concat(raw('0003 0001'), f.pattern(1024)), BA),
    udp4(50_020, 69, raw('0004 0001')),
    udp4(69, 50_020, f.concat(raw('0003 0002'), f.pattern(10)), BA),
    udp4(50_021, 69, f.concat(raw('0002'), f.ascii('up.txt\0netascii\0'))),
    udp4(69, 50_021, f.concat(raw('0005 0002'), f.ascii('Access violation\0')), BA),
    udp4(50_022, 69, f.concat(raw('0001'), f.ascii('small\0octet\0'))),
    udp4(3456, 50_022, f.concat(raw('0003 0001'), f.pattern(20)), BA),
    udp4(50_022, 3456, raw('0004 0001')),
  ),
  telnet: new Talk(23)
    .s(raw('fffd18 fffd1f fffb01'))
    .c(raw('fffb18 fffb1f fffa1f 0050 0018 fff0 fffd01'))
    .s(raw('fffa18 01 fff0'))
    .c(f.concat(raw('fffa18 00'), f.ascii('xterm'), raw('fff0')))
    .s('login: ')
    .c('alice\r\n')
    .s(f.concat(f.ascii('Welcome\r\nto '), raw('ffff'), f.ascii('this\r\n'), raw('fff1')))
    .c(raw('fff4')).sample,
  socks: new Talk(1080)
    .c(raw('05 02 00 02'))
    .s(raw('05 00'))
    .c(raw('05 01 00 03 0b 6578616d706c652e6e6574 0050'))
    .s(raw('05 00 00 01 0a000003 1f90'))
    .c('GET / HTTP/1.1\r\nHost: example.net\r\n\r\n').sample,
  socks_login: new Talk(1080)
    .c(raw('05 01 02'))
    .s(raw('05 02'))
    .c(f.concat(raw('01 05'), f.ascii('alice'), raw('06'), f.ascii('secret')))
    .s(raw('01 00'))
    .c(f.concat(raw('05 01 00 04'), f.ipBytes('fd00::9'), raw('1f90')))
    .s(raw('05 05 00 01 00000000 0000')).sample,
  socks4: new Talk(1080, 40_002)
    .c(f.concat(raw('04 01 0050 00000001'), f.ascii('alice\0example.net\0')))
    .s(raw('00 5a 0050 0a000003')).sample,
  smb2_more: new Talk(445)
    .c(
      f.concat(
        f.u32(232),
        smbHeader({ command: 5, id: 1, session: S1, tree: 5, next: 136 }),
        raw('3900 00 00 02000000 0000000000000000 0000000000000000 89001200 80000000 07000000 01000000 40000000'),
        raw('7800 0a00 00000000 00000000'),
        utf16('a.txt'),
        new Uint8Array(6),
        smbHeader({ command: 13, id: 2, session: S1, tree: 5 }),
        new Uint8Array(32),
      ),
    )
    .s(
      smb(
        { command: 5, id: 1, response: true, status: 0xc0000034, session: S1, tree: 5 },
        raw('0900 00 00 00000000 00'),
      ),
    )
    .s(
      f.concat(
        f.u32(60),
        raw('fd534d42'),
        f.pattern(16),
        f.pattern(16),
        raw('08000000 0000 0100'),
        raw(S1),
        f.pattern(8),
      ),
    ).sample,
  smb: new Talk(445, 40_001).c(
    raw('00 00002f ff534d42 72 00000000 18 53c8 0000 0000000000000000 0000 ffff fffe 0000 0000 00 0c00'),
    f.concat(raw('02'), f.ascii('NT LM 0.12'), raw('00')),
  ).sample,
};
