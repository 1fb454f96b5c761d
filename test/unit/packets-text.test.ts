/** Small pieces of dissection that samples do not pin down: address text, UTF-8, offloaded checksums, nesting, field names. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as f from '../../electron/cli/demo/frames/index.ts';
import { detail } from '../../electron/packets/dissect/detail.ts';
import { FieldQuery, fieldLine, fieldName } from '../../electron/packets/dissect/fields.ts';
import { dissect, summarize } from '../../electron/packets/dissect/index.ts';
import { ipv6Text } from '../../electron/packets/dissect/text.ts';
import { decodeUtf8, encodeUtf8 } from '../../electron/packets/text/utf8.ts';
import type { DetailNode } from '../../electron/shared/api.ts';

const ENDS = { source: '10.0.0.1', destination: '10.0.0.2' };
const FRAME = {
  number: 7,
  epochNs: 1_700_000_000_000_000_001n,
  timeNs: 1_500_000_000,
  interfaceId: 0,
  interfaceName: 'eth0',
};

function find(nodes: readonly DetailNode[], name: string): DetailNode | undefined {
  for (const node of nodes) {
    const found = node.name === name ? node : find(node.children ?? [], name);
    if (found) return found;
  }
  return undefined;
}

test('IPv6 addresses as RFC 5952 writes them', () => {
  for (const text of [
    ...['::', '::1', '1::', 'fe80::1', '2001:db8::1:0:0:1', '2001:db8:0:1:1:1:1:1', '1:2:3:4:5:6:7:8'],
    ...['2001:0:0:1::', '2001::1:0:0:8', 'a:b:c:d:e:f:0:1', 'ff02::1:ff00:2'],
  ])
    assert.equal(ipv6Text(f.ipBytes(text), 0), text);
  assert.equal(ipv6Text(f.ipBytes('::ffff:a00:1'), 0), '::ffff:10.0.0.1');
});

test('UTF-8 is decoded as TextDecoder does it, damage included, and encoded back', () => {
  const samples = ['', 'plain', 'grüße → 数 🦊', '\u0000nul', '\ud800 lone'].map((text) =>
    new TextEncoder().encode(text),
  );
  const broken = [
    [0xff],
    [0xc0, 0x80],
    [0xe2, 0x82],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0x80, 0x41],
    [0xf0, 0x9f],
  ];
  for (const bytes of samples) {
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
    assert.equal(decodeUtf8(bytes), text);
    assert.deepEqual(encodeUtf8(text), bytes);
  }
  // How many U+FFFD a broken sequence gives is nobody's promise: that it gives one, and the rest survives, is.
  for (const bytes of broken) assert.match(decodeUtf8(Uint8Array.of(0x61, ...bytes, 0x62)), /^a.*\ufffd.*b$/);
  assert.equal(decodeUtf8(Uint8Array.of(0x61, 0, 0x62), true), 'a');
});

test('a checksum that offload has not finished is told from a wrong one', () => {
  const segment = f.tcp(ENDS, { sourcePort: 1000, destinationPort: 2000, flags: 2 });
  const packet = f.ipv4({ ...ENDS, protocol: 6 }, segment);
  const pseudo = ~f.internetChecksum(packet.subarray(12, 20), f.u16(6), f.u16(segment.length)) & 0xffff;
  const withChecksum = (value: number) => {
    const copy = packet.slice();
    copy.set(f.u16(value), 36);
    return find(detail(dissect(copy, 101, copy.length)), 'tcp.checksum')!;
  };
  assert.match(withChecksum(pseudo).label, /partial: left to the network card to finish, will be 0x/);
  assert.equal(withChecksum(pseudo).severity, 'note');
  assert.match(withChecksum(pseudo ^ 1).label, /incorrect, should be 0x/);
  assert.equal(withChecksum(pseudo ^ 1).severity, 'error');
});

test('tunnels in tunnels end instead of growing for ever', () => {
  let packet: Uint8Array = f.udp(ENDS, { sourcePort: 1, destinationPort: 2 }, f.ascii('deep'));
  let protocol = 17;
  for (let depth = 0; depth < 500; depth++) {
    packet = f.ipv4({ ...ENDS, protocol }, packet);
    protocol = 4;
  }
  const d = dissect(packet, 101, packet.length);
  assert.ok(d.layers.length <= 40);
  assert.equal(summarize(d).source, '10.0.0.1');
});

test('link types without a dissector are data, whatever is in them', () => {
  assert.deepEqual(summarize(dissect(f.ascii('usb'), 189, 3)), {
    ...{ source: '', destination: '', protocol: 'Data', info: '', tint: 'other' },
  });
  assert.equal(summarize(dissect(new Uint8Array(), 1, 0)).info, '[Malformed Packet]');
});

test('-e: names in either spelling, repeated values by commas, nothing where there is nothing', () => {
  assert.equal(fieldName('ip.src'), 'ip.src');
  assert.equal(fieldName('_ws.col.info'), '_ws.col.Info');
  assert.equal(fieldName('no.such.field'), undefined);
  const bytes = f.ipv4(
    { ...ENDS, protocol: 17 },
    f.udp(ENDS, { sourcePort: 4001, destinationPort: 4002 }, f.ascii('hi')),
  );
  const names = [
    'frame.number',
    'frame.time_epoch',
    'frame.time_relative',
    'frame.interface_name',
    'ip.addr',
    'udp.port',
  ];
  const query = new FieldQuery([...names, 'tcp.port', 'udp.payload', 'frame.protocols', '_ws.col.Protocol', 'udp']);
  assert.equal(
    fieldLine(query, dissect(bytes, 101, bytes.length), FRAME),
    [
      ...['7', '1700000000.000000001', '1.500000000', 'eth0', '10.0.0.1,10.0.0.2', '4001,4002'],
      ...['', '6869', 'raw:ip:udp:data', 'UDP', 'User Datagram Protocol, Src Port: 4001, Dst Port: 4002'],
    ].join('\t'),
  );
});
