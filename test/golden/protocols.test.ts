/**
 * The samples of protocol-samples.ts: held to their goldens, and to tshark with its own defaults (streams, reassembly): Protocol column, Info, and
 * every field that we claim, as -T fields prints it. Where we differ on purpose the difference stands here with its reason.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { printable } from '../../electron/cli/output/printable.ts';
import { detail } from '../../electron/packets/dissect/detail.ts';
import { FIELDS, FieldQuery } from '../../electron/packets/dissect/fields.ts';
import type { DetailNode } from '../../electron/shared/api.ts';
import { PROTOCOL_SAMPLES } from './protocol-samples.ts';
import { open, render, stateful } from './render.ts';
import { sampleFile } from './samples.ts';
import { knownFields, plainFieldsOf } from './tshark.ts';

/** One reason for several columns of several frames. */
function differ(
  sample: string,
  frames: readonly number[],
  columns: readonly string[],
  why: string,
): Record<string, string> {
  return Object.fromEntries(frames.flatMap((frame) => columns.map((column) => [`${sample} ${frame} ${column}`, why])));
}

const EXTENSIONS = ['', '.version', '.res', '.checksum', '.checksum.status', '.length', '.class', '.ctype', '.data']
  .map((part) => `icmp.ext${part}`)
  .concat(['label', 'exp', 's', 'ttl'].map((part) => `icmp.mpls.${part}`));

/** "sample frame column" or "sample field" → why it is not tshark's. */
const ON_PURPOSE: Record<string, string> = {
  'websocket frame.protocols': 'HTTP is over after the upgrade',
  'websocket_deflate frame.protocols': 'the same',
  'websocket_tls frame.protocols': 'the same',
  'quic tls.handshake': 'the beginning of a message is no message',
  'quic_v2 tls.handshake': 'the same',
  'quic_chacha tls.handshake': 'the same',
  'http2 frame.protocols': 'there is no HTTP/1 under it',
  'http2_tls 10 Info': 'tshark forgets the frames before the body',
  'pppoe pppoed.tag': 'tshark leaves the tags of discovery packets out of -T fields',
  'pppoe pppoed.tag_length': 'as the tag',
  'eapol frame.protocols': 'EAP is a layer here',
  'syslog syslog.msgid': 'tshark takes the whole rest of the message for it',
  'syslog_tcp syslog.msgid': 'the same',
  'syslog 1 syslog.procid': 'the number in brackets, not the program',
  'geneve geneve.option.length': 'tshark shows it twice',
  'dns_options dns.opt.chain.fqdn': 'control characters are written as escapes, here and everywhere',
  'snmp udp.stream': 'tshark makes another conversation of the answer',
  'snmp udp.time_relative': 'the same',
  'snmp udp.time_delta': 'the same',
  'snmp_v3 udp.stream': 'the same',
  'snmp_v3 udp.time_relative': 'the same',
  'snmp_v3 udp.time_delta': 'the same',
  'snmp_v3 frame.protocols': 'a value is no layer of its own',
  'snmp_values frame.protocols': 'the same',
  ...differ(
    'mqtt_5',
    [13],
    ['Info', 'mqtt.topic'],
    'a topic that was given an alias is not repeated where the alias stands for it',
  ),
  ...differ(
    'tcp_cut_options',
    [1, 2],
    [
      'time_relative',
      'time_delta',
      'options',
      'option_kind',
      'option_len',
      'options.mss_val',
      'options.mss',
      'options.sack_perm',
    ].map((field) => `tcp.${field}`),
    'a list of options that was cut ends the tree',
  ),
  'pgsql 5 frame.protocols': 'the answer of one letter is a message',
  'pgsql 5 pgsql.type': 'the same',
  'http 17 http.response_for.uri': 'a request without Host has no full URI',
  'imap 5 imap.request.password': 'tshark cuts its first and last letter off',
  'imap imap.response_tag': 'of untagged responses there is none',
  ...differ(
    'resp',
    [18],
    ['resp.array', 'resp.array.length'],
    'an array that goes on in the next segment is shown there',
  ),
  ...differ('resp', [23, 24], ['Info', 'resp.fragment', 'resp.bulk_string.value'], 'RESP3, fragments to tshark 4.0'),
  ...differ(
    'memcache',
    [9],
    ['memcache.key', 'memcache.flags', 'memcache.value', 'memcache.value.length'],
    'tshark ends at the number for cas',
  ),
  ...differ(
    'memcache',
    [12, 22, 24, 25, 27],
    ['Info', 'memcache.command', 'memcache.response'],
    'tshark takes numbers, errors and verbosity for data',
  ),
  ...differ(
    'memcache_udp',
    [1, 2, 3, 4, 5, 6],
    ['Info', 'memcache.*'],
    'tshark takes the header of a datagram for the command',
  ),
  ...differ('syslog_tcp', [4, 11, 13], ['Info', 'syslog.msg'], 'the line feed that ends a frame is not of the message'),
  ...differ(
    'syslog_tcp',
    [5, 6, 7, 8, 9, 10, 11],
    ['Protocol', 'Info', 'frame.protocols', 'tcp.*', 'syslog.*'],
    'tshark 4.0 takes a segment for a message; a count or a line feed ends it',
  ),
  ...differ('kafka_metadata', [18, 19], ['Info', 'kafka.*'], 'tshark 4.0 knows Metadata up to version 9'),
  ...differ('kafka_produce', [4, 5, 12], ['Info', 'kafka.*'], 'tshark reads the lengths in older messages as 16 bits'),
  'kafka_produce kafka.batch_first_timestamp': "tshark reads a batch's times as 32 bits",
  'kafka_produce kafka.batch_last_timestamp': 'the same',
  'kafka_fetch kafka.batch_first_timestamp': 'the same',
  'kafka_fetch kafka.batch_last_timestamp': 'the same',
  ...differ('kafka_produce', [10], ['Info'], 'what cannot be unpacked is told at the batch'),
  ...differ('kafka_produce', [14, 15], ['Info', 'kafka.*'], 'a partition without records is not malformed'),
  ...differ('kafka_produce', [16, 17], ['Info', 'kafka.*'], 'tshark 4.0 knows Produce up to version 8'),
  ...differ(
    'kafka_fetch',
    [5],
    ['kafka.message_timestamp_type', 'kafka.message_value', 'kafka.truncated_content'],
    'lengths in older messages, as above',
  ),
  ...differ('kafka_fetch', [10, 11], ['Info', 'kafka.*'], 'tshark 4.0 knows Fetch up to version 11'),
  'kafka_group kafka.protocol_metadata': 'tshark reads the length of bytes as 16 bits',
  'kafka_group kafka.member_metadata': 'the same',
  'kafka_group kafka.member_assignment': 'the same',
  'kafka_group kafka.sasl_authentication': 'the same',
  'kafka_group kafka.session_lifetime_ms': 'what comes behind them',
  'kafka_group kafka.group_authorized_ops': 'the same',
  ...differ('kafka_group', [42, 43, 44], ['Info', 'kafka.*'], 'tshark 4.0 knows FindCoordinator up to version 3'),
  ...differ('wlan_amsdu', [1], ['data.data', 'data.len'], 'in the order of the subframes'),
  ...differ(
    'wlan_amsdu',
    [5],
    ['Protocol', 'Info'],
    'the subframe that reaches too far is malformed, not what is in it',
  ),
  ...differ('wlan_amsdu', [6], ['Protocol', 'frame.protocols'], 'nothing is in a subframe of length 0'),
  'http3 tls.handshake': 'the beginning of a message is no message',
  'http3 Info': 'what is asked for and answered, as newer versions show it: fields are unpacked here',
  ...differ('http3', [8, 12], ['frame.protocols'], 'a body is a layer here, as in HTTP/2'),
  ...differ('http3', [10], ['http3.*'], 'tshark 4.0 loses a frame that begins in another packet'),
  ...differ('http3', [12], ['http3.*'], 'and one that came before its beginning'),
  ...differ('http3', [19], ['http3.push_id'], 'tshark 4.0 does not look into the promise'),
  'call udp.stream': 'tshark makes another conversation of media that was announced',
  'call udp.time_relative': 'the same',
  'call udp.time_delta': 'the same',
  'sip_tcp sip.response-request': 'tshark ties messages together over UDP only',
  'sip_tcp sip.response-time': 'the same',
  ...differ(
    'openvpn',
    [4, 5],
    ['Info', '_ws.malformed', 'openvpn.hmac', 'openvpn.pid', 'openvpn.net_time', 'openvpn.mpid', 'openvpn.data'],
    'tls-auth is found by itself, where tshark must be told; what tls-crypt hides is not malformed',
  ),
  ...differ(
    'openvpn',
    [6, 7],
    ['Protocol', 'Info', 'frame.protocols', 'openvpn.fragment_bytes'],
    'records over two packets are put together',
  ),
  'openvpn 7 tls.*': 'the same',
  'pop pop.request': 'tshark has the line in the label only',
  'pop pop.response': 'the same',
  'pop pop.response.data': 'the same',
  ...differ(
    'socks',
    [8],
    ['frame.protocols', 'tcp.payload', 'socks.version', 'socks.command', 'socks.dstport'],
    'what was asked for lies on TCP, so that it is put together',
  ),
  'lldp 1 eth.trailer': 'the end of the LLDPDU is no trailer',
  ...Object.fromEntries(
    ['udp.payload', 'data.data', 'data.len', ...EXTENSIONS].map((field) => [
      `icmp_extensions ${field}`,
      'tshark shows extensions only when told to (icmp.favor_icmp_mpls)',
    ]),
  ),
};

/** Not what tshark calls them. */
const OURS = new Set([
  'frame.verdict',
  'text',
  'tls.handshake.ja4',
  'tls.handshake.ja4_r',
  ...['map', 'set', 'push', 'attribute', 'bulk_error', 'verbatim_string'].flatMap((name) => [
    `resp.${name}`,
    `resp.${name}.length`,
  ]),
  ...['null', 'boolean', 'double', 'big_number'].map((name) => `resp.${name}`),
  ...['request_id', 'sequence', 'total', 'reserved'].map((name) => `memcache.udp.${name}`),
]);

for (const [name, sample] of Object.entries(PROTOCOL_SAMPLES)) {
  test(`${name}: as the golden says`, () => {
    const file = path.join(import.meta.dirname, 'expected', `${name}.txt`);
    const text = render(sample, true);
    if (process.env['UPDATE_GOLDENS']) writeFileSync(file, text);
    assert.ok(existsSync(file), 'there is a golden: make it with UPDATE_GOLDENS=1 and read it');
    assert.equal(text, readFileSync(file, 'utf8'));
  });

  test(`${name}: columns and fields are tshark's`, () => {
    const file = sampleFile(sample);
    const opened = open(file);
    const dissections = stateful(opened, sample);
    const present = new Set(dissections.flatMap((d) => d.layers.map((layer) => layer.protocol.name)));
    const known = knownFields();
    const names = [...FIELDS.values()]
      .filter(
        ({ name: field, type, owners }) =>
          type !== 'protocol' &&
          !OURS.has(field) &&
          !/^http3\.(header|data)/.test(field) && // names of newer versions: Debian's does not unpack fields
          !field.startsWith('_ws.') && // notes are compared by the filters' test
          [...owners].some((owner) => present.has(owner) && owner !== 'frame'),
      )
      .map((field) => field.name);
    const unknown = names.filter((field) => !known.has(field));
    assert.deepEqual(unknown, [], 'field names that tshark does not have');
    const columns = ['_ws.col.Source', '_ws.col.Destination', '_ws.col.Protocol', '_ws.col.Info'];
    const asked = [...columns, 'frame.protocols', ...names];
    const theirs = plainFieldsOf(file, asked, sample.tshark);
    const query = new FieldQuery(asked);
    const wrong: string[] = [];
    for (const [row, d] of dissections.entries()) {
      const values = query.values(d, opened.frame(row));
      for (const [i, field] of asked.entries()) {
        const short = field.replace('_ws.col.', '');
        if (ON_PURPOSE[`${name} ${row + 1} ${short}`] || ON_PURPOSE[`${name} ${short}`]) continue;
        if (ON_PURPOSE[`${name} ${row + 1} ${short.split('.')[0]}.*`]) continue;
        // Certificates are a part of TLS here, no layers.
        const wanted = (theirs[row]![i] ?? '').replace(field === 'frame.protocols' ? /:(x509|pkcs-1)[^:]*/g : /^$/, '');
        const got = printable(values[i]!.join(','));
        if (got !== wanted) wrong.push(`${row + 1} ${short}: '${got}', tshark '${wanted}'`);
      }
    }
    assert.deepEqual(wrong, []);
  });
}

test('whatever a tree shows can be asked for', () => {
  const unknown = new Set<string>();
  const see = (nodes: readonly DetailNode[]) => {
    for (const { name, children } of nodes) {
      if (name !== 'text' && !name.startsWith('_ws.') && !FIELDS.has(name)) unknown.add(name);
      see(children ?? []);
    }
  };
  for (const sample of Object.values(PROTOCOL_SAMPLES))
    for (const d of stateful(open(sampleFile(sample)), sample)) see(detail(d));
  assert.deepEqual([...unknown], []);
});
