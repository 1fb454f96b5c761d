/** A call as it is on a wire: SIP sets it up with SDP, RTP and RTCP carry it; retransmissions, events, authentication, a re-register. */
import * as f from '../../electron/cli/demo/frames/index.ts';
import { BA, list, raw, udp4 } from './sample-parts.ts';
import type { Sample } from './samples.ts';
import { Talk } from './talk.ts';

const SDP_OFFER = [
  'v=0',
  'o=alice 2890844526 2890844526 IN IP4 10.0.0.1',
  's=A call',
  'i=About it',
  'c=IN IP4 10.0.0.1',
  'b=AS:84',
  't=0 0',
  'm=audio 40000 RTP/AVP 0 8 101',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-15',
  'a=ptime:20',
  'a=sendrecv',
  '',
].join('\r\n');
const SDP_ANSWER = [
  'v=0',
  'o=bob 1 1 IN IP4 10.0.0.2',
  's=-',
  'c=IN IP4 10.0.0.2',
  't=0 0',
  'm=audio 50000 RTP/AVP 0 101',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:101 telephone-event/8000',
  '',
].join('\r\n');

const headers = (lines: readonly string[], body = '') =>
  f.ascii([...lines, `Content-Length: ${body.length}`, '', body].join('\r\n'));
const dialog = (cseq: string, to = '') => [
  'Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK776asdhds;rport',
  'From: "Alice" <sip:alice@example.net>;tag=1928301774',
  `To: Bob <sip:bob@example.org>${to}`,
  'Call-ID: a84b4c76e66710@10.0.0.1',
  `CSeq: ${cseq}`,
];
const TAG = ';tag=a6c85cf';
const invite = headers(
  [
    'INVITE sip:bob@example.org SIP/2.0',
    ...dialog('314159 INVITE'),
    'Max-Forwards: 70',
    'Contact: <sip:alice@10.0.0.1:5060>',
    'User-Agent: test/1',
    'Allow: INVITE, ACK, BYE',
    'Content-Type: application/sdp',
  ],
  SDP_OFFER,
);
const sip = (text: Uint8Array) => udp4(5060, 5060, text);
const back = (text: Uint8Array) => udp4(5060, 5060, text, BA);
const rtp = (from: number, to: number, head: string, ends?: typeof BA, payload = f.pattern(160)) =>
  udp4(from, to, f.concat(raw(head), payload), ends);

const SDP_MEDIA = [
  'v=0',
  'o=- 1 2 IN IP6 fd00::1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0 1',
  'a=recvonly',
  'm=audio 41000 RTP/AVPF 111 0',
  'c=IN IP4 10.0.0.1/127',
  'a=rtpmap:111 G726-32/8000',
  'a=fmtp:111 minptime=10; useinbandfec=1',
  'a=mid:0',
  'm=video 41010/2 RTP/SAVP 96',
  'c=IN IP4 10.0.0.1',
  'b=TIAS:500000',
  'i=A film',
  'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR|2^20|1:4',
  'a=rtpmap:96 VP8/90000',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'c=IN IP4 0.0.0.0',
  'a=sctp-port:5000',
  '',
].join('\r\n');

export const TELEPHONY_SAMPLES: Record<string, Sample> = {
  rtp_heuristic: {
    ...list(
      rtp(45_000, 45_100, '8000 0001 00000010 11223344'),
      rtp(45_100, 45_000, '8008 ffff 00000020 55667788', BA),
      rtp(45_000, 45_100, '80e0 0002 000000b0 11223344'),
      rtp(45_100, 45_000, '8008 0000 000000c0 55667788', BA),
      rtp(45_000, 45_100, '8065 0003 000000b0 11223344', undefined, raw('05 0a 00a0')),
      // an extension and a list of sources that fit, and some that do not
      rtp(45_000, 45_100, '9160 0004 00000150 11223344 99aabbcc bede 0001 10ff0000'),
      rtp(45_004, 45_104, '8f00 0001 00000010 11223344', undefined, f.pattern(40)),
      rtp(45_004, 45_104, '9000 0001 00000010 11223344', undefined, raw('bede 00ff 00')),
      rtp(45_004, 45_104, 'a000 0001 00000010 11223344', undefined, raw('01 02 ff')),
      rtp(45_004, 45_104, '4000 0001 00000010 11223344'),
      rtp(45_004, 45_104, '804a 0001 00000010 11223344', undefined, f.pattern(3)),
      rtp(45_004, 45_104, '8000 0001 00000010 112233', undefined, new Uint8Array(0)),
      rtp(
        45_001,
        45_101,
        '80c80006 11223344 e93dd5a500000000 00000010 00000001 000000a0',
        undefined,
        new Uint8Array(0),
      ),
    ),
    heuristics: ['rtp_udp'],
    tshark: ['--enable-heuristic', 'rtp_udp'],
  },
  call: list(
    sip(invite),
    sip(invite),
    back(headers(['SIP/2.0 100 Trying', ...dialog('314159 INVITE')])),
    back(headers(['SIP/2.0 180 Ringing', ...dialog('314159 INVITE', TAG), 'Contact: <sip:bob@10.0.0.2>'])),
    back(
      headers(
        [
          'SIP/2.0 200 OK',
          ...dialog('314159 INVITE', TAG),
          'Contact: <sip:bob@10.0.0.2>',
          'Server: other/2',
          'Content-Type: application/sdp',
        ],
        SDP_ANSWER,
      ),
    ),
    sip(headers(['ACK sip:bob@10.0.0.2 SIP/2.0', ...dialog('314159 ACK', TAG), 'Max-Forwards: 70'])),
    rtp(40000, 50000, '80 80 0001 00000000 11223344'),
    rtp(50000, 40000, '80 00 1000 00000500 55667788', BA),
    rtp(40000, 50000, '80 00 0002 000000a0 11223344'),
    rtp(40000, 50000, '90 00 0003 00000140 11223344 bede 0001 10ff0000'),
    rtp(40000, 50000, '82 e5 0004 000001e0 11223344 00000001 00000002', undefined, raw('05 0a 00a0')),
    udp4(
      40001,
      50001,
      raw(
        '81 c8 000c 11223344 e9451f65 40000000 00000140 00000003 000001e0 55667788 00 000001 00001000 00000005 00000000 00000000' +
          '81 ca 0005 11223344 01 0c 616c6963654031302e302e30 00 00',
      ),
    ),
    udp4(50001, 40001, raw('81 c9 0007 55667788 11223344 40 000002 00000003 00000007 1f654000 00010000'), BA),
    udp4(40001, 50001, raw('80 c9 0001 11223344 81 cb 0003 11223344 06 676f6e652e2e 00')),
    back(headers(['BYE sip:alice@10.0.0.1:5060 SIP/2.0', ...dialog('231 BYE', TAG)])),
    sip(headers(['SIP/2.0 200 OK', ...dialog('231 BYE', TAG)])),
  ),
  sip: list(
    sip(
      headers([
        'REGISTER sip:example.net SIP/2.0',
        'v: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKnash',
        'f: <sip:alice@example.net;user=phone>;tag=456248',
        't: <sip:alice@example.net>',
        'i: 843817637684230@998sdasdh09',
        'CSeq: 1826 REGISTER',
        'm: <sip:alice@10.0.0.1>;expires=3600',
        'Expires: 7200',
      ]),
    ),
    back(
      headers([
        'SIP/2.0 401 Unauthorized',
        'Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKnash;received=10.0.0.1',
        'From: <sip:alice@example.net>;tag=456248',
        'To: <sip:alice@example.net>;tag=2',
        'Call-ID: 843817637684230@998sdasdh09',
        'CSeq: 1826 REGISTER',
        'WWW-Authenticate: Digest realm="example.net", nonce="84a4cc6f3082121f32b42a2187831a9e", algorithm=MD5, qop="auth"',
      ]),
    ),
    sip(
      headers([
        'REGISTER sip:example.net SIP/2.0',
        'Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKnashds',
        'From: <sip:alice@example.net>;tag=456248',
        'To: <sip:alice@example.net>',
        'Call-ID: 843817637684230@998sdasdh09',
        'CSeq: 1827 REGISTER',
        'Contact: *',
        'Authorization: Digest username="alice", realm="example.net", nonce="84a4cc6f", uri="sip:example.net", response="7587245234b3434cc3412213e5f113a5"',
      ]),
    ),
    sip(f.ascii('OPTIONS sip:10.0.0.2 SIP/2.0\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n\r\n')),
    sip(f.ascii('\r\n\r\n')),
    sip(f.ascii('FROB sip:x SIP/2.0\r\nX-Own: 1\r\nCSeq: bad\r\n\r\n')),
  ),
  sip_dialog: list(
    sip(
      headers([
        'INVITE sip:b@h SIP/2.0',
        ...dialog('1 INVITE', TAG),
        'Contact: <sip:a@h>',
        'Record-Route: <sip:p1.h;lr>,<sip:p2.h;lr>',
      ]),
    ),
    back(headers(['SIP/2.0 180 Ringing', ...dialog('1 INVITE', TAG), 'P-Asserted-Identity: "B" <tel:+123456>'])),
    back(headers(['SIP/2.0 180 Ringing', ...dialog('1 INVITE', TAG)])),
    back(headers(['SIP/2.0 200 OK', ...dialog('1 INVITE', TAG)])),
    back(headers(['SIP/2.0 200 OK', ...dialog('1 INVITE', TAG)])),
    sip(headers(['ACK sip:b@h SIP/2.0', ...dialog('1 ACK', TAG), 'Route: <sip:p1.h:5070;lr>'])),
    sip(
      headers([
        'REFER sip:b@h SIP/2.0',
        ...dialog('2 REFER', TAG),
        'Refer-To: sip:c@h',
        'Event: refer',
        'Supported: timer',
        'Session-Expires: 1800',
      ]),
    ),
    back(headers(['SIP/2.0 202 Accepted', ...dialog('2 REFER', TAG)])),
    sip(headers(['REGISTER sip:h SIP/2.0', ...dialog('3 REGISTER'), 'Contact: *', 'Expires: 0'])),
    back(headers(['SIP/2.0 200 OK', ...dialog('3 REGISTER')])),
    sip(
      headers([
        'REGISTER sip:h SIP/2.0',
        ...dialog('4 REGISTER'),
        'Contact: sip:a@h:5062;expires=60',
        'Contact: "A, B" <sip:x@y>;q=0.5',
      ]),
    ),
    back(headers(['SIP/2.0 200 OK', ...dialog('4 REGISTER'), 'Contact: <sip:a@h>;expires=60, <sip:x@y>;expires=30'])),
    sip(headers(['REGISTER sip:h SIP/2.0', ...dialog('5 REGISTER'), 'Contact: <sip:a@h>', 'Expires: 0'])),
    sip(
      headers(
        [
          'MESSAGE sip:b@[fd00::2]:5060;transport=tcp SIP/2.0',
          ...dialog('6 MESSAGE'),
          'Subject: folded',
          ' line',
          'Content-Type: text/plain',
        ],
        'hello there',
      ),
    ),
    sip(
      headers([
        'CANCEL sip:b@h SIP/2.0',
        ...dialog('1 CANCEL'),
        'Reason: Q.850;cause=16;text="done"',
        'Warning: 399 h "x"',
        'Date: Thu, 21 Feb 2002 13:02:03 GMT',
        'Via: SIP/2.0/TLS [fd00::1]:5061;branch=z9hG4bKa;ttl=1;maddr=1.2.3.4',
      ]),
    ),
    udp4(6000, 6001, headers(['OPTIONS sip:elsewhere SIP/2.0', ...dialog('7 OPTIONS')])),
  ),
  media: list(
    sip(
      headers(
        ['INVITE sip:bob@h SIP/2.0', ...dialog('9 INVITE'), 'Content-Type: application/sdp;charset=utf-8'],
        SDP_MEDIA,
      ),
    ),
    rtp(41000, 50002, '80 6f ffff 00000000 00000abc'),
    rtp(41000, 50002, '80 6f 0000 000003c0 00000abc'),
    rtp(41000, 50002, '80 6f fffe 000003c0 00000abc'),
    rtp(
      41000,
      50002,
      'b0 80 0001 00000780 00000abc 1000 0002 01 02 aabb 02 00 0000',
      undefined,
      raw('01020304 000004'),
    ),
    rtp(41000, 50002, '90 0d 0002 00000780 00000abc 0001 0001 01020304', undefined, raw('40')),
    udp4(41001, 50003, raw('81 ce 0002 00000abc 11223344 84 ce 0004 00000abc 00000000 11223344 07 000000')),
    udp4(50003, 41001, raw('80 cc 0003 00000abc 6e616d65 01020304'), BA),
    rtp(41010, 50010, '80 60 0001 00000000 00000def'),
    udp4(42001, 42002, raw('80 c9 0001 11223344')),
    udp4(42001, 42002, raw('80 c8 0006 11223344 e9451f65 40000000 00000140 00000003 000001e0')),
    udp4(42001, 42003, raw('81 cb 0001 11223344')),
    rtp(42004, 42006, '80 00 0001 00000000 00000def'),
  ),
  sip_tcp: new Talk(5060)
    .c(invite.subarray(0, 100))
    .c(invite.subarray(100))
    .s(headers(['SIP/2.0 486 Busy Here', ...dialog('314159 INVITE', TAG)])).sample,
};
