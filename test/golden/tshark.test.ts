/**
 * Our dissection against tshark's, on every sample: the columns, every node of the tree (name, label, byte range), and every field
 * that we claim as `-T fields` prints it. Where we differ on purpose the difference stands here with its reason.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detail } from '../../electron/packets/dissect/detail.ts';
import { FIELDS, FieldQuery } from '../../electron/packets/dissect/fields.ts';
import { dissect } from '../../electron/packets/dissect/index.ts';
import type { DetailNode } from '../../electron/shared/api.ts';
import { type Opened, open } from './render.ts';
import { SAMPLES, sampleFile } from './samples.ts';
import { fieldsOf, treesOf } from './tshark.ts';

/** "sample frame" → why its columns or tree are not tshark's. */
const ON_PURPOSE: Record<string, string> = {
  'ethernet 5': 'no management of the LLC sub-layer behind SAP 2',
  'udp 3': 'Info says nothing of checksums: offload makes them wrong on most captures',
  'icmp 6': 'checksums in redirects are verified too',
  'icmp 9': 'what no ICMP type claims is shown as data',
  'cut 6': 'a cut IP header gives no address at all',
  'cut 8': 'a cut Ethernet header still shows what is there',
  'cut 9': 'a cut IP header gives no address at all',
  'cut 10': 'a cut header is malformed before it is bogus',
};

/** Fields that need other packets than their own: streams, response times, scaled windows. */
const STATEFUL =
  /\.stream$|tcp\.(completeness|analysis|segment|reassembled)|(tcp|udp)\.time_|scalefactor|^dns\.unsolicited/;
/** Notes that tshark makes fields of; ours are `_ws.expert` nodes. */
const NOTES =
  /\.expert$|_bad|checksum\.bad|ttl\.too_small|bogus_|invalid_header|length\.bad|connection\.|undecoded\.type|mss\.present|len\.invalid/;
/** Worked out from other fields, or bits of a larger one: tshark gives some the range of those, some none; not compared. */
const GENERATED =
  /checksum_calculated|wscale\.multiplier|len_oct|flags\.str|name\.len|count\.labels|nxtseq|tcp\.window_size$|ieee8021ad\.(priority|dei)|udp\.checksum\.status/;
/** Inside the control octet of LLC: not taken apart further. */
const LEFT_OUT = /^llc\.control\.|^llc\.oui/;

const bare = (label: string) => label.replace(/^\[|\]$/g, '').trim();
const key = (name: string, offset: number, length: number, label: string) =>
  `${name} @${offset}+${GENERATED.test(name) ? 0 : length} ${bare(label)}`;

function dissection({ store, parser }: Opened, row: number) {
  return dissect(store.packetBytes(row), parser.interfaces[store.interfaceId(row)]!.linkType, store.wireLen(row));
}

function ours(opened: Opened, row: number): string[] {
  const found: string[] = [];
  const walk = (nodes: readonly DetailNode[]) => {
    for (const { name, offset, length, label, children } of nodes) {
      if (!name.startsWith('_ws.') && name !== 'data' && !LEFT_OUT.test(name))
        found.push(key(name, offset, length, label));
      walk(children ?? []);
    }
  };
  walk(detail(dissection(opened, row)));
  return found.sort();
}

for (const [name, sample] of Object.entries(SAMPLES)) {
  const file = sampleFile(sample);
  const opened = open(file);
  const rows = sample.frames.map((_frame, row) => row).filter((row) => !ON_PURPOSE[`${name} ${row + 1}`]);

  test(`${name}: columns are tshark's`, () => {
    const columns = ['_ws.col.Source', '_ws.col.Destination', '_ws.col.Protocol', '_ws.col.Info'];
    const theirs = fieldsOf(file, columns);
    const query = new FieldQuery(columns);
    for (const row of rows)
      assert.deepEqual(
        query.values(dissection(opened, row), opened.frame(row)).map((values) => values.join(',')),
        theirs[row],
        `packet ${row + 1}`,
      );
  });

  test(`${name}: the tree is tshark's, byte ranges included`, () => {
    const theirs = treesOf(file);
    for (const row of rows) {
      const wanted = theirs[row]!.filter(
        ({ name }) => name !== 'data' && !STATEFUL.test(name) && !NOTES.test(name) && !LEFT_OUT.test(name),
      )
        .filter(({ label }) => label !== 'Timestamps' && label !== 'Queries')
        .map((field) => key(field.name, field.offset, field.length, field.label));
      const got = ours(opened, row).filter((line) => !line.endsWith(' Queries'));
      assert.deepEqual(got, wanted.sort(), `packet ${row + 1}`);
    }
  });
}

/** Not what tshark calls them, or not comparable with it. */
const NOT_ASKED = new Set([
  ...['frame.verdict', 'tls.handshake.ja4', 'tls.handshake.ja4_r'],
  // RESP3 came to tshark after 4.0.
  ...[...FIELDS.keys()].filter((name) =>
    /^resp\.(verbatim_string|bulk_error|big_number|double|boolean|null|attribute|push|set|map)(\.length)?$/.test(name),
  ),
  // HTTP/3's header fields and bodies likewise; memcached over UDP has none there yet.
  ...[...FIELDS.keys()].filter((name) => /^(http3\.(header|data)|memcache\.udp\.)/.test(name)),
  // Protocols as fields: tshark prints a tree label for some and a name for others.
  ...[...FIELDS.values()].filter(({ type }) => type === 'protocol').map(({ name }) => name),
]);

test('every field that we claim prints as tshark -T fields prints it', () => {
  const names = [...FIELDS.keys()].filter(
    (name) => !NOT_ASKED.has(name) && !name.startsWith('_ws.') && !LEFT_OUT.test(name) && !STATEFUL.test(name),
  );
  const query = new FieldQuery(names);
  let compared = 0;
  const wrong: string[] = [];
  for (const [sampleName, sample] of Object.entries(SAMPLES)) {
    const file = sampleFile(sample);
    const opened = open(file);
    const theirs = fieldsOf(file, names);
    for (const row of sample.frames.keys()) {
      if (ON_PURPOSE[`${sampleName} ${row + 1}`]) continue;
      const values = query.values(dissection(opened, row), opened.frame(row));
      for (const [i, name] of names.entries()) {
        const wanted = theirs[row]![i] ?? '';
        if (wanted !== '') compared++;
        const got = values[i]!.join(',');
        if (got !== wanted) wrong.push(`${name} of ${sampleName} ${row + 1}: ${got}, tshark ${wanted}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(compared > 2000, `only ${compared} values were compared`);
});
