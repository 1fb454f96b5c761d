/** What people write on packets, and what of it is asked for again: marks, time references, comments, seek, columns of any field, colouring rules. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { enhancedPacket, interfaceDescription, sectionHeader } from '../../electron/packets/pcap/writer.ts';
import { RowSet } from '../../electron/packets/store/row-set.ts';
import { createSession } from '../../electron/session/session.ts';
import type { DetailNode, InspectorApi } from '../../electron/shared/api.ts';
import { findFilter } from '../../renderer/features/packets/find-filter.ts';
import { ascii, concat, udpFrame } from '../netns/lib/frames.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'xf-notes-'));
after(() => rmSync(folder, { recursive: true }));

const a = { mac: '02:77:00:00:00:01', ipv4: '10.77.0.1', ipv6: 'fd77::1' };
const b = { mac: '02:77:00:00:00:02', ipv4: '10.77.0.2', ipv6: 'fd77::2' };
const START = 1_700_000_000_000_000_000n;
const SECOND = 1_000_000_000n;

/** Eight datagrams a second apart, to ports 7000, 7001, 7000, …; the third says Hello. The fifth has a comment in the file. */
const capture = concat(
  sectionHeader(),
  interfaceDescription({ linkType: 1, name: 'lan0' }),
  ...Array.from({ length: 8 }, (_, at) => {
    const payload = ascii(at === 2 ? 'Hello (world) $5' : `packet ${at + 1}`);
    const bytes = udpFrame(a, b, payload, { sourcePort: 5000, destinationPort: 7000 + (at % 2) });
    const comment = at === 4 ? { comment: 'from the file' } : {};
    return enhancedPacket({
      interfaceId: 0,
      epochNs: START + BigInt(at) * SECOND,
      wireLen: bytes.length,
      bytes,
      ...comment,
    });
  }),
);

async function opened() {
  const session = createSession({ host: 'cli', version: 'test', spoolDir: path.join(folder, 'spool') });
  const api = session.api();
  const file = path.join(folder, 'notes.pcapng');
  writeFileSync(file, capture);
  await session.openFile(file);
  while ((await api.call('capture.status', {})).state === 'starting') await new Promise((done) => setTimeout(done, 5));
  return { session, api };
}

/** Numbers of the packets that a filter lets through, when all were looked at. */
async function shown(api: InspectorApi, filter: string): Promise<number[]> {
  for (;;) {
    const { rows, scanned } = await api.call('packets.rows', { start: 0, count: 100, filter });
    if (scanned === undefined || scanned >= 8) return rows.map(({ number }) => number);
    await new Promise((done) => setTimeout(done, 5));
  }
}

const rowsOf = async (api: InspectorApi) => (await api.call('packets.rows', { start: 0, count: 100 })).rows;

function valuesOf(layers: readonly DetailNode[], name: string): (string | undefined)[] {
  return layers.flatMap((node) => [
    ...(node.name === name ? [node.value] : []),
    ...valuesOf(node.children ?? [], name),
  ]);
}

describe('marks', () => {
  test('of packets, of what is displayed, of rows; filters and the status see them', async () => {
    const { session, api } = await opened();
    const mark = (packets: Parameters<typeof api.call<'packets.mark'>>[1]['packets'], marked = true) =>
      api.call('packets.mark', { packets, marked });
    assert.deepEqual(await mark({ of: 'rows', filter: '', first: 1, last: 2 }), { marked: 2 });
    assert.deepEqual(await shown(api, 'frame.marked == 1'), [2, 3]);
    assert.deepEqual(await mark({ of: 'filter', filter: 'udp.dstport == 7001' }), { marked: 5 });
    assert.deepEqual(
      await shown(api, 'frame.marked == 1'),
      [2, 3, 4, 6, 8],
      'the list under the old marks is not kept',
    );
    // Rows count in the list under the filter: its second and third are packets 4 and 6.
    assert.deepEqual(await mark({ of: 'rows', filter: 'udp.dstport == 7001', first: 1, last: 2 }, false), {
      marked: 3,
    });
    assert.deepEqual(
      (await rowsOf(api)).filter(({ marked }) => marked).map(({ number }) => number),
      [2, 3, 8],
    );
    assert.equal((await api.call('capture.status', {})).marked, 3);
    await assert.rejects(mark({ of: 'filter', filter: 'no.such.field' }), { code: 'FILTER' });
    assert.deepEqual(await mark({ of: 'filter', filter: '' }, false), { marked: 0 });
    assert.deepEqual(await shown(api, 'frame.marked == 1'), []);
    await session.close();
  });

  test('a statistic under a filter of marks is counted anew', async () => {
    const { session, api } = await opened();
    const packets = async () => {
      for (;;) {
        const overview = await api.call('analysis.overview', { filter: 'frame.marked == 1' });
        if (overview.scanned >= 8) return overview.hierarchy[0]?.packets ?? 0;
        await new Promise((done) => setTimeout(done, 5));
      }
    };
    assert.equal(await packets(), 0);
    await api.call('packets.mark', { packets: { of: 'rows', filter: '', first: 0, last: 3 }, marked: true });
    assert.equal(await packets(), 4);
    await session.close();
  });

  test('a set of rows: a bit each, over its chunks', () => {
    const set = new RowSet();
    const rows = [0, 7, 8, 65_535, 65_536, 9_999_999];
    for (const row of [...rows, 8]) set.add(row);
    assert.equal(set.size, rows.length);
    const twin = set.copy();
    set.delete(8);
    set.delete(9);
    assert.deepEqual(
      rows.map((row) => set.has(row)),
      [true, true, false, true, true, true],
    );
    assert.deepEqual([set.size, twin.size, twin.has(8), set.has(9)], [5, 6, true, false]);
    set.clear();
    assert.deepEqual([set.size, set.has(0)], [0, false]);
  });
});

describe('time references', () => {
  test('times count from the last one, also for filters; and from the start again', async () => {
    const { session, api } = await opened();
    await api.call('packets.reference', { number: 3, on: true });
    await api.call('packets.reference', { number: 6, on: true });
    const since = async () =>
      (await rowsOf(api)).map(({ sinceReferenceNs: ns, reference }) => [ns === undefined ? ns : ns / 1e9, reference]);
    assert.deepEqual(await since(), [
      [undefined, undefined],
      [undefined, undefined],
      [0, true],
      [1, undefined],
      [2, undefined],
      [0, true],
      [1, undefined],
      [2, undefined],
    ]);
    assert.deepEqual(await shown(api, 'frame.time_relative == 1'), [2, 4, 7]);
    assert.deepEqual(await shown(api, 'frame.ref_time'), [3, 6]);
    await api.call('packets.reference', { number: 3, on: false });
    assert.deepEqual(await shown(api, 'frame.time_relative == 1'), [2, 7]);
    await assert.rejects(api.call('packets.reference', { number: 9, on: true }), { code: 'ENOENT', message: /has 8/ });
    await session.close();
  });
});

describe('comments', () => {
  test('of the file and written since: rows, the tree and filters say the same', async () => {
    const { session, api } = await opened();
    const commented = async () => (await rowsOf(api)).filter((row) => row.commented).map(({ number }) => number);
    const texts = async (number: number) =>
      valuesOf((await api.call('packets.detail', { number })).layers, 'frame.comment');
    assert.deepEqual(await commented(), [5]);
    assert.deepEqual(await shown(api, 'frame.comment'), [5]);
    await api.call('packets.comment', { number: 2, text: '  look here: ünïcode  ' });
    await api.call('packets.comment', { number: 5, text: 'mine instead' });
    assert.deepEqual([await texts(2), await texts(5)], [['look here: ünïcode'], ['mine instead']]);
    assert.deepEqual(await shown(api, 'frame.comment contains "here"'), [2]);
    assert.deepEqual(await shown(api, 'frame.comment contains "file"'), []);
    await api.call('packets.comment', { number: 5, text: '' });
    assert.deepEqual([await commented(), await texts(5), await shown(api, 'frame.comment')], [[2], [], [2]]);
    await assert.rejects(api.call('packets.comment', { number: 1, text: 'x'.repeat(16_001) }), { code: 'USAGE' });
    await session.close();
  });
});

describe('seek', () => {
  test('the next one, the one before, none; from between and from beyond the ends', async () => {
    const { session, api } = await opened();
    await shown(api, 'udp.dstport == 7001');
    const seek = async (number: number, backwards: boolean) =>
      (await api.call('packets.seek', { number, filter: 'udp.dstport == 7001', backwards })).number;
    assert.deepEqual(
      [await seek(0, false), await seek(2, false), await seek(3, false), await seek(8, false)],
      [2, 4, 4, 0],
    );
    assert.deepEqual(
      [await seek(9, true), await seek(8, true), await seek(5, true), await seek(2, true)],
      [8, 6, 4, 0],
    );
    await session.close();
  });
});

describe('find', () => {
  const numbers = async (api: InspectorApi, ...what: Parameters<typeof findFilter>) => {
    const made = findFilter(...what);
    assert.ok('filter' in made, JSON.stringify(made));
    return shown(api, made.filter);
  };

  test('each kind of search is a display filter that finds what was meant, and nothing else', async () => {
    const { session, api } = await opened();
    assert.deepEqual(await numbers(api, 'string', 'hello (world) $5'), [3], 'no letter of it means more than itself');
    assert.deepEqual(await numbers(api, 'string', 'hello .world'), []);
    assert.deepEqual(await numbers(api, 'regex', 'packet [12]$'), [1, 2]);
    assert.deepEqual(await numbers(api, 'hex', '48 65:6c-6C,6f'), [3]);
    assert.deepEqual(await numbers(api, 'hex', '0x48656c'), [3]);
    assert.deepEqual(await numbers(api, 'hex', '48'), [3], 'a single byte');
    assert.deepEqual(await numbers(api, 'filter', ' udp.dstport == 7000 && frame.number > 4 '), [5, 7]);
    assert.deepEqual(await numbers(api, 'list', '5000 → 7001'), [2, 4, 6, 8]);
    assert.deepEqual((await numbers(api, 'list', '10.77.0.2')).length, 8);
    assert.deepEqual(await numbers(api, 'string', 'quote " and \\ back'), []);
    await session.close();
  });

  test('what are no bytes is said', () => {
    for (const text of ['4', 'xyz', '48 6', '—']) assert.ok('problem' in findFilter('hex', text), text);
  });
});

describe('what comes with a row', () => {
  test('values of fields in the order that was asked, and the first rule that matches', async () => {
    const { session, api } = await opened();
    const { rows } = await api.call('packets.rows', {
      start: 1,
      count: 2,
      fields: ['udp.dstport', 'no.such.field', 'ip.addr', 'frame.comment'],
      rules: ['tcp', 'broken ==', 'udp.dstport == 7001', 'udp'],
    });
    assert.deepEqual(
      rows.map(({ fields, rule }) => [fields, rule]),
      [
        [['7001', '', '10.77.0.1,10.77.0.2', ''], 2],
        [['7000', '', '10.77.0.1,10.77.0.2', ''], 3],
      ],
    );
    const fifth = await api.call('packets.rows', {
      start: 4,
      count: 1,
      fields: ['frame.comment'],
      rules: ['frame.comment', ''],
    });
    assert.deepEqual([fifth.rows[0]?.fields, fifth.rows[0]?.rule], [['from the file'], 0]);
    await session.close();
  });
});
