/**
 * Samples of the protocols beyond the basic ones: each a conversation as it would be on a wire, made from the frame builders and from byte strings
 * written by hand after the protocols' own documents. Packets of a sample are dissected in order, with what came before.
 */
import * as f from '../../electron/cli/demo/frames/index.ts';
import { CRYPTO_SAMPLES, QUIC_SAMPLES, WEBSOCKET_SAMPLES } from './crypto-samples.ts';
import { DNS_SAMPLES } from './dns-samples.ts';
import { ECHO_SAMPLES } from './echo-samples.ts';
import { FLOW_EXPORT_SAMPLES } from './flow-export-samples.ts';
import { HTTP3_SAMPLES } from './http3-samples.ts';
import { KAFKA_RECORD_SAMPLES } from './kafka-record-samples.ts';
import { KAFKA_SAMPLES } from './kafka-samples.ts';
import { MESSAGE_SAMPLES } from './message-samples.ts';
import { MQTT_SAMPLES } from './mqtt-samples.ts';
import { NETWORK_MORE_SAMPLES } from './network-samples.ts';
import { ROUTING_SAMPLES } from './routing-samples.ts';
import { A, AB, AB6, BA, eth, ip4, ip6, list, llc, on, raw, summed, udp4 } from './sample-parts.ts';
import type { Sample } from './samples.ts';
import { SERVICE_SAMPLES } from './service-samples.ts';
import { SNMP_SAMPLES } from './snmp-samples.ts';
import { Talk } from './talk.ts';
import { TCP_ANALYSIS_SAMPLES } from './tcp-samples.ts';
import { TELEPHONY_SAMPLES } from './telephony-samples.ts';
import { TLS_EXCHANGE_SAMPLES } from './tls-exchange-samples.ts';
import { TURN_SAMPLES } from './turn-samples.ts';
import { WIRELESS_SAMPLES } from './wireless-samples.ts';

export * from './sample-parts.ts';

const ping = f.ipv4({ ...AB, protocol: 1 }, f.icmp({ type: 8, rest: f.echo(1, 1) }, f.ascii('inside')));
const inner = eth(0x0800, ping);

export const LINK_SAMPLES: Record<string, Sample> = {
  sll: on(
    113,
    f.concat(raw('0000 0001 0006 02000000000a 0000 0800'), ping),
    f.concat(raw('0004 0304 0006 000000000000 0000 0800'), ping),
    f.concat(raw('0000 fffe 0000 0000000000000000 0800'), ping),
  ),
  sll2: on(276, f.concat(raw('0800 0000 00000003 0001 00 06 02000000000a0000'), ping)),
  null: on(
    0,
    f.concat(raw('02000000'), ping),
    f.concat(raw('0000001c'), raw('6000000000003b40'), f.ipBytes('fd00::1'), f.ipBytes('fd00::2')),
  ),
  mpls: list(
    eth(0x8847, f.concat(raw('00010a40 00011b3f'), ping)),
    eth(0x8848, f.concat(raw('000213ff'), f.ipv6({ ...AB6, nextHeader: 59 }, f.ascii('')))),
  ),
  gre: list(ip4(47, f.concat(raw('0000 0800'), ping)), ip4(47, f.concat(raw('3000 6558 000000ff 00000007'), inner))),
  vxlan: list(udp4(50000, 4789, f.concat(raw('0800 0000 000064 00'), inner))),
  geneve: list(udp4(50000, 6081, f.concat(raw('0240 6558 000064 00 0102 80 01 deadbeef'), inner))),
  pppoe: list(
    eth(0x8863, raw('1109 0000 000c 0101 0000 0103 0004 01020304')),
    eth(0x8863, raw('1107 0000 001b 0102 0003 61 63 31 0101 0000 0103 0004 01020304 0104 0004 0a0b0c0d')),
    eth(0x8864, f.concat(raw('1100 0011'), f.u16(2 + ping.length), raw('0021'), ping)),
    eth(0x8864, raw('1100 0011 0010 c021 01 01 000e 0104 05d4 0506 12345678')),
    eth(0x8864, raw('1100 0011 000a c021 09 02 0008 12345678')),
  ),
  ppp: on(9, f.concat(raw('ff03 0021'), ping), raw('ff03 8021 01 01 000a 0306 0a000001')),
  stp: list(
    llc(
      raw('424203 0000 00 00 01 8000 02000000000a 00000000 8000 02000000000a 8001 0000 1400 0200 0f00'),
      '01:80:c2:00:00:00',
    ),
    llc(
      raw('424203 0000 02 02 3c 800a 02000000000a 00004e20 9001 02000000000b 8002 0100 1400 0200 0f00 00'),
      '01:80:c2:00:00:00',
    ),
    llc(raw('424203 0000 00 80'), '01:80:c2:00:00:00'),
  ),
  lacp: list(
    eth(
      0x8809,
      f.concat(
        raw('01 01 0114 8000 02000000000a 000d 8000 0001 3d 000000'),
        raw('0214 ffff 02000000000b 0001 00ff 0002 45 000000'),
        raw('0310 0000 000000000000000000000000 0000'),
        new Uint8Array(50),
      ),
      '01:80:c2:00:00:02',
    ),
  ),
  lldp: list(
    eth(
      0x88cc,
      f.concat(
        raw('0207 04 02000000000a 0405 05 65746830 0602 0078'),
        raw('0806 75706c696e6b 0a04 73772d31 0c05 4c696e7578'),
        raw('0e04 0014 0004 100c 05 01 0a000001 02 00000003 00 fe06 0080c2 01 0001 0000'),
      ),
      '01:80:c2:00:00:0e',
    ),
  ),
  eapol: list(
    eth(0x888e, raw('01 01 0000')),
    eth(0x888e, raw('02 00 0005 01 05 0005 01')),
    eth(0x888e, raw('02 00 000a 02 05 000a 01 616c696365')),
    eth(
      0x888e,
      f.concat(
        raw('02 03 005f 02 008a 0010 0000000000000001'),
        f.pattern(32),
        new Uint8Array(16 + 8 + 8 + 16),
        raw('0000'),
      ),
    ),
  ),
};

const datagram = f.udp(AB, { sourcePort: 4001, destinationPort: 4002 }, f.pattern(3000));
const datagram6 = f.udp(AB6, { sourcePort: 4001, destinationPort: 4002 }, f.pattern(2000));

export const NETWORK_SAMPLES: Record<string, Sample> = {
  fragments: list(
    ip4(17, datagram.subarray(0, 1480), { moreFragments: true }),
    ip4(17, datagram.subarray(2960), { fragmentOffset: 2960 }),
    ip4(17, datagram.subarray(1480, 2960), { fragmentOffset: 1480, moreFragments: true }),
    ip6(44, f.fragmentHeader(17, { identification: 7, offset: 0, more: true }, datagram6.subarray(0, 1448))),
    ip6(44, f.fragmentHeader(17, { identification: 7, offset: 1448, more: false }, datagram6.subarray(1448))),
    ip4(17, datagram.subarray(0, 1480), { moreFragments: true, identification: 99 }),
  ),
  igmp: list(
    ip4(2, summed(raw('11 64 0000 00000000'), 2), { ttl: 1 }),
    ip4(2, summed(raw('16 00 0000 ef010101'), 2), { ttl: 1 }),
    ip4(2, summed(raw('17 00 0000 ef010101'), 2), { ttl: 1 }),
    ip4(2, summed(raw('12 00 0000 ef010101'), 2), { ttl: 1 }),
    ip4(2, summed(raw('11 64 0000 ef010101 02 7d 0001 0a000001'), 2), { ttl: 1 }),
    ip4(2, summed(raw('22 00 0000 0000 0002 04 00 0000 ef010101 03 00 0001 ef010102 0a000009'), 2), { ttl: 1 }),
  ),
  ospf: list(
    ip4(
      89,
      raw(
        '02 01 0030 0a000001 00000000 0000 0000 0000000000000000 ffffff00 000a 02 01 00000028 0a000001 0a000002 0a000002',
      ),
      { ttl: 1 },
    ),
    ip4(
      89,
      raw('02 05 002c 0a000001 00000000 0000 0000 0000000000000000 0001 22 01 0a000002 0a000002 80000001 1234 0030'),
      { ttl: 1 },
    ),
  ),
  sctp: list(
    ip4(132, raw('1388 1389 00000000 00000000 01 00 0014 11223344 0000a000 000a 000a 00000001')),
    ip4(132, raw('1388 1389 55667788 00000000 00 03 0014 00000001 0000 0000 00000000 64617461')),
    ip4(132, raw('1389 1388 11223344 00000000 03 00 0010 00000001 0000a000 0000 0000')),
    ip4(132, raw('1388 1389 55667788 00000000 0a 00 0008 00112233 0b 00 0004')),
  ),
  vrrp: list(
    ip4(112, summed(raw('21 0a 64 01 00 01 0000 0a0000fe 0000000000000000'), 6), { ttl: 255 }),
    ip4(112, raw('31 0a ff 01 0064 0000 0a0000fe'), { ttl: 255 }),
  ),
};

const dhcpHead = (op: number, your: string, server: string) =>
  f.concat(
    raw(`0${op}01 06 00 3903f326 0000 0000 00000000`),
    f.ipBytes(your),
    f.ipBytes(server),
    raw('00000000'),
    f.macBytes(A.mac),
    new Uint8Array(10 + 64 + 128),
    raw('63825363'),
  );
const ntpTime = (seconds: number) => f.concat(f.u32(seconds), raw('40000000'));
const xored = (address: string, port: number) =>
  f.concat(
    raw('0001'),
    f.u16(port ^ 0x2112),
    f.ipBytes(address).map((byte, i) => byte ^ raw('2112a442')[i]!),
  );

export const UDP_SAMPLES: Record<string, Sample> = {
  dhcp: list(
    udp4(
      68,
      67,
      f.concat(
        dhcpHead(1, '0.0.0.0', '0.0.0.0'),
        raw('350101 3d0701'),
        f.macBytes(A.mac),
        raw('0c04 68 6f 73 74 3204 0a000064 3704 01030f06 ff 0000'),
      ),
    ),
    udp4(
      67,
      68,
      f.concat(
        dhcpHead(2, '10.0.0.100', '10.0.0.2'),
        raw('350102 0104 ffffff00 0304 0a0000fe 0608 0a000001 08080808 3304 00000e10 3604 0a000002 0f03 6c 61 6e ff'),
      ),
    ),
    udp4(
      68,
      67,
      f.concat(
        dhcpHead(1, '0.0.0.0', '0.0.0.0'),
        raw('350103 3604 0a000002 3204 0a000064 3902 05dc 3c03 616263 5107 00 00 00 70 63 2d 31 ff'),
      ),
    ),
    udp4(
      67,
      68,
      f.concat(
        dhcpHead(2, '10.0.0.100', '0.0.0.0'),
        raw('350105 3a04 00000708 3b04 00000c4e 1a02 05dc 1c04 0a0000ff 2a04 0a000003 ff'),
      ),
    ),
    udp4(67, 68, f.concat(dhcpHead(2, '0.0.0.0', '0.0.0.0'), raw('350106 3805 6e6f706521 3604 0a000002 ff'))),
  ),
  ntp: list(
    udp4(
      50001,
      123,
      f.concat(raw('23 00 06 ec 00000000 00000000 00000000'), new Uint8Array(24), ntpTime(3_913_153_445)),
    ),
    udp4(
      123,
      50001,
      f.concat(
        raw('24 01 06 e8 00000100 00000200 47505300'),
        ntpTime(3_913_153_400),
        ntpTime(3_913_153_445),
        ntpTime(3_913_153_445),
        ntpTime(3_913_153_446),
      ),
      BA,
    ),
    udp4(123, 123, raw('16 02 0001 0000 0000 0000 0000')),
  ),
  syslog: list(
    udp4(40000, 514, f.ascii('<34>Oct 11 22:14:15 mymachine su[99]: root login failed')),
    udp4(40000, 514, f.ascii('<165>1 2003-10-11T22:14:15.003Z host.example app 1234 ID47 - An event')),
    udp4(40000, 514, f.ascii('no priority at all')),
  ),
  stun: list(
    udp4(50002, 3478, raw('0001 0000 2112a442 0102030405060708090a0b0c')),
    udp4(
      3478,
      50002,
      f.concat(
        raw('0101 0018 2112a442 0102030405060708090a0b0c 0020 0008'),
        xored('192.0.2.9', 40000),
        raw('8022 0005 78 64 70 65 65 000000'),
      ),
      BA,
    ),
    udp4(
      50002,
      3478,
      raw('0111 0010 2112a442 0102030405060708090a0b0d 0009 000b 0000 0401 55 6e 61 75 74 68 2e 00'),
      BA,
    ),
    udp4(
      50004,
      50005,
      raw('0001 0018 2112a442 0102030405060708090a0b0e 0006 0005 61 3a 62 63 64 000000 0024 0004 6e001eff 0025 0000'),
    ),
  ),
  wireguard: list(
    udp4(
      51820,
      51820,
      f.concat(
        raw('01000000 11223344'),
        f.pattern(32),
        f.pattern(48),
        f.pattern(28),
        f.pattern(16),
        new Uint8Array(16),
      ),
    ),
    udp4(
      51820,
      51820,
      f.concat(raw('02000000 55667788 11223344'), f.pattern(32), f.pattern(16), f.pattern(16), new Uint8Array(16)),
      BA,
    ),
    udp4(51820, 51820, f.concat(raw('04000000 55667788 0000000000000000'), f.pattern(48))),
    udp4(51820, 51820, f.concat(raw('04000000 11223344 0100000000000000'), f.pattern(16)), BA),
    udp4(51820, 51820, f.concat(raw('03000000 11223344'), f.pattern(24), f.pattern(32)), BA),
  ),
  mdns: list(
    udp4(
      5353,
      5353,
      raw(
        '0000 0000 0002 0000 0000 0000 05 5f68747470 04 5f746370 05 6c6f63616c 00 000c 0001 04 686f7374 05 6c6f63616c 00 0001 8001',
      ),
    ),
    udp4(
      5353,
      5353,
      raw('0000 8400 0000 0001 0000 0000 04 686f7374 05 6c6f63616c 00 0001 8001 00000078 0004 0a000001'),
    ),
  ),
  llmnr: list(
    udp4(50003, 5355, raw('1234 0000 0001 0000 0000 0000 04 686f7374 00 0001 0001')),
    udp4(
      5355,
      50003,
      raw('1234 8000 0001 0001 0000 0000 04 686f7374 00 0001 0001 04 686f7374 00 0001 0001 0000001e 0004 0a000002'),
      BA,
    ),
  ),
  snmp: list(
    udp4(
      50006,
      161,
      raw('302b 020100 0406 7075626c6963 a01e 020401020304 020100 020100 3010 300e 060a 2b060102010101000000 0500'),
    ),
    udp4(
      161,
      50006,
      raw('302a 020101 0406 7075626c6963 a21d 020401020304 020100 020100 300f 300d 0608 2b06010201010300 4301 2a'),
      BA,
    ),
    udp4(
      50006,
      161,
      raw('3026 020101 0406 7075626c6963 a519 020200ff 020100 02010a 300d 300b 0607 2b060102010202 0500'),
    ),
  ),
  radius: list(
    udp4(
      50007,
      1812,
      raw(
        '01 07 0039 000102030405060708090a0b0c0d0e0f 0107 616c696365 0212 00112233445566778899aabbccddeeff 0406 0a000001 0506 00000003',
      ),
    ),
    udp4(1812, 50007, raw('02 07 0026 0f0e0d0c0b0a09080706050403020100 0806 0a000064 1b06 00000e10 1206 68656c6c'), BA),
  ),
  bfd: list(udp4(49152, 3784, raw('20 c8 03 18 00000001 00000002 000f4240 000f4240 00000000'))),
};

const html = '<html>\n<p>It works.</p>\n</html>\n';
const sshList = (text: string) => f.concat(f.u32(text.length), f.ascii(text));
const sshInit = (lists: string[]) => {
  const payload = f.concat(raw('14'), f.pattern(16), ...lists.map(sshList), raw('00 00000000'));
  return f.concat(f.u32(payload.length + 1 + 6), raw('06'), payload, new Uint8Array(6));
};
const ALGORITHMS = [
  'curve25519-sha256',
  'ssh-ed25519',
  'aes128-ctr',
  'aes256-ctr',
  'hmac-sha2-256',
  'hmac-sha2-512',
  'none',
  'none',
  '',
  '',
];
const mqttPacket = (first: number, ...parts: Uint8Array[]) => {
  const body = f.concat(...parts);
  return f.concat(Uint8Array.of(first, body.length), body);
};
const mqttText = (text: string) => f.concat(f.u16(text.length), f.ascii(text));

export const TCP_SAMPLES: Record<string, Sample> = {
  http: new Talk(80)
    .c(
      'GET /index.html?a=1&b=two HTTP/1.1\r\nHost: example.net\r\nUser-Agent: test/1\r\nAccept: */*\r\nCookie: a=1; b=2\r\nAuthorization: Basic dXNlcjpwYXNz\r\n\r\n',
    )
    .s(`HTTP/1.1 200 OK\r\nServer: test\r\nContent-Type: text/html\r\nContent-Length: ${html.length}\r\n\r\n`)
    .s(html.slice(0, 10))
    .s(html.slice(10))
    .c('HEAD /nothing HTTP/1.1\r\nHost: example.net\r\n\r\n')
    .s('HTTP/1.1 404 Not Found\r\nContent-Length: 99\r\n\r\n')
    .c(
      'POST /form HTTP/1.1\r\nHost: example.net\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 17\r\n\r\nname=J+D&x=%41%42',
    )
    .s('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n')
    .s('7\r\n, world\r\n0\r\n\r\n')
    .c('GET /1 HTTP/1.1\r\nHost: example.net\r\n\r\n')
    .s('HTTP/1.1 304 Not Modified\r\nDate: Sat, 21 Nov 2026 08:00:00 GMT\r\n\r\n')
    .c('GET /old HTTP/1.0\r\n\r\n')
    .s('HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nuntil the end')
    .closed().sample,
  ftp: new Talk(21)
    .s('220 ready\r\n')
    .c('USER anonymous\r\n')
    .s('331 password please\r\n')
    .c('PASS guest@example.net\r\n')
    .s('230-Welcome\r\n230 Logged in\r\n')
    .c('PASV\r\n')
    .s('227 Entering Passive Mode (10,0,0,2,195,80)\r\n')
    .c('PORT 10,0,0,1,200,10\r\n')
    .s('200 PORT ok\r\n')
    .c('QUIT\r\n')
    .s('221 bye\r\n').sample,
  smtp: new Talk(25)
    .s('220 mail.example.net ESMTP\r\n')
    .c('EHLO client.example.net\r\n')
    .s('250-mail.example.net\r\n250 SIZE 1000000\r\n')
    .c('MAIL FROM:<a@example.net>\r\n')
    .s('250 OK\r\n')
    .c('RCPT TO:<b@example.net>\r\n')
    .s('250 OK\r\n')
    .c('QUIT\r\n')
    .s('221 bye\r\n').sample,
  imap: new Talk(143)
    .s('* OK ready\r\n')
    .c('a1 LOGIN alice secret\r\n')
    .s('a1 OK logged in\r\n')
    .c('a2 SELECT INBOX\r\n')
    .s('* 3 EXISTS\r\n* FLAGS (\\Seen)\r\na2 OK selected\r\n')
    .c('a3 UID FETCH 1 FLAGS\r\n')
    .s('a3 BAD no\r\n').sample,
  ssh: new Talk(22)
    .c('SSH-2.0-client_1\r\n')
    .s('SSH-2.0-server_1 comment\r\n')
    .c(sshInit(ALGORITHMS))
    .s(sshInit(ALGORITHMS)).sample,
  bgp: new Talk(179)
    .c(f.concat(f.pattern(0), raw('ffffffffffffffffffffffffffffffff 001d 01 04 fde8 00b4 0a000001 00')))
    .s(raw('ffffffffffffffffffffffffffffffff 0013 04'))
    .c(
      raw(
        'ffffffffffffffffffffffffffffffff 0037 02 0000 001c 400101 00 400200 400304 0a000001 800404 00000064 400504 00000064 18 c00002 10 0a00',
      ),
    )
    .s(raw('ffffffffffffffffffffffffffffffff 0015 03 06 02')).sample,
  pgsql: new Talk(5432)
    .c(raw('00000008 04d2162f'))
    .s('N')
    .c(f.concat(raw('00000020 00030000'), f.ascii('user\0bob\0database\0shop\0\0')))
    .s(raw('52 0000000c 00000005 01020304'))
    .c(f.concat(raw('70 00000008'), f.ascii('abc\0')))
    .s(
      f.concat(
        raw('52 00000008 00000000 53 00000011'),
        f.ascii('TimeZone\0UTC\0'),
        raw('4b 0000000c 00000064 11223344 5a 00000005 49'),
      ),
    )
    .c(f.concat(raw('51 0000000e'), f.ascii('select 1;\0')))
    .s(
      f.concat(
        raw('54 0000001a 0001'),
        f.ascii('n\0'),
        raw('00000000 0000 00000017 0004 ffffffff 0000 44 0000000b 0001 00000001 31 43 0000000d'),
        f.ascii('SELECT 1\0'),
        raw('5a 00000005 49'),
      ),
    )
    .s(f.concat(raw('45 00000018'), f.ascii('SERROR\0C42601\0Mbad\0\0'))).sample,
  mqtt: new Talk(1883)
    .c(mqttPacket(0x10, mqttText('MQTT'), raw('04 c2 003c'), mqttText('client'), mqttText('user'), mqttText('pass')))
    .s(raw('20 02 00 00'))
    .c(mqttPacket(0x82, raw('0001'), mqttText('a/b/c'), raw('01')))
    .s(raw('90 03 0001 01'))
    .c(mqttPacket(0x32, mqttText('a/b'), raw('0002'), f.ascii('data')))
    .s(raw('40 02 0002'))
    .c(raw('c0 00'))
    .s(raw('d0 00 e0 00')).sample,
};

export const PROTOCOL_SAMPLES: Record<string, Sample> = {
  ...CRYPTO_SAMPLES,
  ...TLS_EXCHANGE_SAMPLES,
  ...QUIC_SAMPLES,
  ...HTTP3_SAMPLES,
  ...WEBSOCKET_SAMPLES,
  ...LINK_SAMPLES,
  ...WIRELESS_SAMPLES,
  ...NETWORK_SAMPLES,
  ...NETWORK_MORE_SAMPLES,
  ...ECHO_SAMPLES,
  ...ROUTING_SAMPLES,
  ...UDP_SAMPLES,
  ...TELEPHONY_SAMPLES,
  ...FLOW_EXPORT_SAMPLES,
  ...TCP_SAMPLES,
  ...TCP_ANALYSIS_SAMPLES,
  ...SERVICE_SAMPLES,
  ...DNS_SAMPLES,
  ...SNMP_SAMPLES,
  ...TURN_SAMPLES,
  ...MESSAGE_SAMPLES,
  ...MQTT_SAMPLES,
  ...KAFKA_SAMPLES,
  ...KAFKA_RECORD_SAMPLES,
};
