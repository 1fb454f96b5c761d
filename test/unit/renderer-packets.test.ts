/** Logic of the packet view: scrolling over millions of rows, the row cache, bytes ↔ fields, what goes to the clipboard. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DisplayFilter } from '../../electron/packets/filter/index.ts';
import type { DetailNode, HostApi, PacketDetail, PacketRow, RowsWindow } from '../../electron/shared/api.ts';
import { cellFilter } from '../../renderer/features/packets/cell-filter.ts';
import {
  COLUMN_IDS,
  MOST_FIELDS,
  seconds,
  shownColumns,
  TIME_FORMATS,
  timeText,
  toggleField,
  useTablePrefs,
} from '../../renderer/features/packets/columns.ts';
import { ancestry, flatten, mapBytes, visible } from '../../renderer/features/packets/detail/byte-map.ts';
import { asCArray, asDump, asEscaped, asHex } from '../../renderer/features/packets/detail/copy.ts';
import { DetailSource } from '../../renderer/features/packets/detail-source.ts';
import { BLOCK, RowCache } from '../../renderer/features/packets/row-cache.ts';
import {
  MAX_PX,
  reveal,
  revealAmid,
  scrollMap,
  scrollTopOf,
  topOf,
} from '../../renderer/features/packets/scroll-map.ts';
import { canDragOut, dragPackets } from '../../renderer/state/drag-out.ts';
import { exportStem, stemOf } from '../../renderer/state/export.ts';
import { IDLE_STATUS, useSession } from '../../renderer/state/session.ts';

const row = (number: number): PacketRow => ({
  number,
  timeNs: number * 1000,
  source: 'a',
  destination: 'b',
  protocol: 'UDP',
  wireLen: 60,
  capLen: 60,
  info: '',
  interfaceId: 0,
  tint: 'udp',
});

describe('a cell as a filter', () => {
  const http: PacketRow = {
    ...row(12),
    source: '10.0.0.1',
    destination: 'fe80::1',
    protocol: 'TLSv1.3',
    verdict: 'drop',
    info: 'GET /"a\\b" HTTP/1.1 ',
    fields: ['GET', '1,2', '', '/big.bin'],
  };
  const names = ['http.request.method', 'tcp.port', 'dns.id', 'http.request.uri'];
  const of = (column: string, from: PacketRow = http) => cellFilter(column, from, names, 'eth0');

  test('says what the cell shows', () => {
    assert.equal(of('number'), 'frame.number == 12');
    assert.equal(of('source'), 'ip.src == 10.0.0.1');
    assert.equal(of('destination'), 'ipv6.dst == fe80::1');
    assert.equal(of('source', { ...http, source: '02:00:00:00:00:01' }), 'eth.src == 02:00:00:00:00:01');
    assert.equal(of('source', { ...http, source: 'netlink' }), '_ws.col.source == "netlink"');
    assert.equal(of('protocol'), '_ws.col.protocol == "TLSv1.3"');
    assert.equal(of('length'), 'frame.len == 60');
    assert.equal(of('interface'), 'frame.interface_name == "eth0"');
    assert.equal(of('field:http.request.method'), 'http.request.method == GET');
    assert.equal(of('field:http.request.uri'), 'http.request.uri == "/big.bin"');
    assert.equal(of('field:tcp.port'), 'tcp.port', 'several values: that it is there');
    for (const column of ['time', 'field:dns.id', 'field:tcp.len', 'nothing']) assert.equal(of(column), undefined);
    for (const side of ['source', 'info'] as const) assert.equal(of(side, { ...http, [side]: '' }), undefined);
  });

  test('is always a filter', () => {
    const verdicts = (['aborted', 'drop', 'pass', 'tx', 'redirect'] as const).map((verdict) => ({ ...http, verdict }));
    const columns = [...COLUMN_IDS, ...names.map((name) => `field:${name}`)];
    for (const from of verdicts)
      for (const column of columns) {
        const filter = of(column, from);
        if (filter !== undefined) assert.doesNotThrow(() => new DisplayFilter(filter), filter);
      }
  });
});

describe('scrolling', () => {
  test('is one to one while the list fits', () => {
    const map = scrollMap(1000, 22, 440);
    assert.equal(map.scaled, false);
    assert.equal(map.spacerPx, 22_000);
    assert.equal(topOf(map, 1234, 440), 1234);
    assert.equal(scrollTopOf(map, 1234, 440), 1234);
  });

  test('reaches first and last of ten million rows, and comes back to the same place', () => {
    const map = scrollMap(10_000_000, 22, 440);
    assert.equal(map.spacerPx, MAX_PX);
    assert.equal(topOf(map, 0, 440), 0);
    assert.equal(topOf(map, MAX_PX - 440, 440), 220_000_000 - 440);
    for (const top of [0, 22, 12_345_678, 219_999_000]) {
      const back = topOf(map, scrollTopOf(map, top, 440), 440);
      assert.ok(Math.abs(back - top) < 0.01, `${top} came back as ${back}`);
    }
  });

  test('reveals a row with the smallest move', () => {
    assert.equal(reveal(220, 5, 22, 220), 110);
    assert.equal(reveal(220, 12, 22, 220), 220);
    assert.equal(reveal(220, 30, 22, 220), 31 * 22 - 220);
  });

  test('a row that is far away comes into the middle, a near one moves little, one that is seen nothing', () => {
    assert.equal(revealAmid(220, 12, 22, 220), 220);
    assert.equal(revealAmid(220, 20, 22, 220), 21 * 22 - 220);
    assert.equal(revealAmid(220, 9, 22, 220), 9 * 22);
    assert.equal(revealAmid(220, 500, 22, 220), 495 * 22);
    assert.equal(revealAmid(22_000, 2, 22, 220), 0);
  });
});

describe('the packet in full', () => {
  function setUp() {
    const asked: number[] = [];
    const shown: PacketDetail[] = [];
    const waiting: ((answer: PacketDetail) => void)[] = [];
    const source = new DetailSource(
      (number) =>
        new Promise((resolve) => {
          asked.push(number);
          waiting.push(resolve);
        }),
      (detail) => shown.push(detail),
    );
    const want = (number: number) => source.want({ number, generation: 1, annotations: 0 });
    const answer = async (more: Partial<PacketDetail> = {}) => {
      const of = row(asked.at(-1)!);
      waiting.shift()!({ generation: 1, row: of, epochNs: '0', bytes: new Uint8Array(0), layers: [], ...more });
      await new Promise((resolve) => setImmediate(resolve));
    };
    return { source, asked, shown, want, answer };
  }

  test('is asked for one at a time; of those that were passed meanwhile, only the last', async () => {
    const { asked, shown, want, answer } = setUp();
    want(1);
    want(2);
    want(3);
    assert.deepEqual(asked, [1]);
    await answer();
    await answer();
    assert.deepEqual(asked, [1, 3]);
    assert.deepEqual(
      shown.map((detail) => detail.row.number),
      [1, 3],
    );
  });

  test('is asked for again until the analysis has come to it, and no longer than it is looked at', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { source, asked, shown, want, answer } = setUp();
    want(7);
    await answer({ provisional: true });
    assert.equal(shown.length, 1, 'what is known is shown');
    assert.deepEqual(asked, [7]);
    t.mock.timers.tick(200);
    assert.deepEqual(asked, [7, 7]);
    await answer();
    t.mock.timers.tick(1000);
    assert.deepEqual(asked, [7, 7]);
    want(8);
    await answer({ provisional: true });
    source.end();
    t.mock.timers.tick(1000);
    assert.deepEqual(asked, [7, 7, 8]);
  });
});

describe('row cache', () => {
  function setUp(total: number) {
    const asked: number[] = [];
    const waiting: (() => void)[] = [];
    let stored = total;
    const fetch = (start: number, count: number) =>
      new Promise<RowsWindow>((resolve) => {
        asked.push(start);
        waiting.push(() => {
          const rows = Array.from({ length: Math.max(0, Math.min(count, stored - start)) }, (_, i) =>
            row(start + i + 1),
          );
          resolve({ generation: 1, total: stored, start, rows, baseTimeNs: '5' });
        });
      });
    const cache = new RowCache(fetch, () => {});
    const answer = async () => {
      waiting.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    };
    return { cache, asked, answer, grow: (n: number) => (stored = n) };
  }

  test('asks for one block at a time and then for what the screen shows by then', async () => {
    const { cache, asked, answer } = setUp(100_000);
    cache.setStored(1, 100_000);
    assert.deepEqual(asked, [0]);
    cache.setVisible(50_000, 50_040);
    cache.setVisible(90_000, 90_040);
    await answer();
    assert.deepEqual(
      asked,
      [0, Math.floor(90_000 / BLOCK) * BLOCK],
      'places that were scrolled past are not asked for',
    );
    await answer();
    assert.equal(cache.row(90_010)?.number, 90_011);
    assert.equal(cache.row(50_010), undefined);
  });

  test('asks again for the last block when it grows, and not while it does not', async () => {
    const { cache, asked, answer, grow } = setUp(10);
    cache.setStored(1, 10);
    cache.setVisible(0, 30);
    await answer();
    assert.deepEqual(asked, [0]);
    cache.setStored(1, 10);
    assert.deepEqual(asked, [0]);
    grow(25);
    cache.setStored(1, 25);
    await answer();
    assert.deepEqual(asked, [0, 0]);
    assert.equal(cache.row(24)?.number, 25);
  });

  test('forgets everything with a new generation and drops late answers of the old one', async () => {
    const { cache, answer } = setUp(10);
    cache.setStored(1, 10);
    cache.setVisible(0, 10);
    cache.setStored(2, 10);
    await answer();
    assert.equal(cache.row(0), undefined);
  });

  test('following, it is as long as what came: a screenful at the end, then only what is new', async () => {
    const { cache, asked, answer, grow } = setUp(100_000);
    cache.setFollowing(true, 30);
    cache.setStored(1, 100_000);
    assert.equal(cache.total, 0);
    assert.deepEqual(asked, [99_970]);
    await answer();
    assert.equal(cache.total, 100_000);
    assert.equal(cache.row(99_999)?.number, 100_000);
    const kept = cache.row(99_990);
    grow(100_004);
    cache.grewTo(1, 100_004);
    assert.deepEqual(asked, [99_970, 100_000]);
    assert.equal(cache.total, 100_000);
    await answer();
    assert.equal(cache.total, 100_004);
    assert.equal(cache.row(100_003)?.number, 100_004);
    assert.equal(cache.row(99_990), kept, 'a row that stays is the same object');
    assert.equal(cache.row(99_973), undefined);
  });

  test('following, more than a screenful at once waits for the next tick; what was kept is asked for again when it changed', async () => {
    const { cache, asked, answer, grow } = setUp(1000);
    cache.setFollowing(true, 30);
    cache.setStored(1, 1000);
    await answer();
    grow(9000);
    cache.grewTo(1, 9000);
    assert.deepEqual(asked, [970]);
    cache.setStored(1, 9000);
    await answer();
    assert.deepEqual(asked, [970, 8970]);
    cache.setStored(1, 9000, 1);
    await answer();
    assert.deepEqual(asked, [970, 8970, 8970]);
    cache.setStored(1, 9000, 1);
    assert.equal(asked.length, 3);
  });

  test('when it stops following, the list is as long as what is stored and rows around the screen come in blocks', async () => {
    const { cache, asked, answer, grow } = setUp(1000);
    cache.setFollowing(true, 30);
    cache.setStored(1, 1000);
    cache.setVisible(970, 1000);
    await answer();
    grow(1200);
    cache.setFollowing(false, 30);
    cache.setStored(1, 1200);
    assert.equal(cache.total, 1200);
    assert.equal(asked.at(-1), Math.floor(999 / BLOCK) * BLOCK);
    assert.equal(cache.row(980)?.number, 981, 'what was on the screen stays there');
  });
});

describe('fields and bytes', () => {
  const node = (name: string, offset: number, length: number, children?: DetailNode[]): DetailNode => ({
    name,
    label: name,
    offset,
    length,
    ...(children && { children }),
  });
  const layers = [
    node('frame', 0, 20),
    node('eth', 0, 14, [node('eth.dst', 0, 6), node('eth.src', 6, 6), node('eth.type', 12, 2)]),
    node('ip', 14, 6, [
      { ...node('ip.version', 14, 1), mask: 0xf0 },
      { ...node('ip.hdr_len', 14, 1), mask: 0x0f },
      node('ip.flags', 15, 2, [node('ip.flags.df', 15, 1)]),
    ]),
  ];
  const nodes = flatten(layers);

  test('the deepest, narrowest field owns a byte; the frame owns none', () => {
    const map = mapBytes(nodes, 20);
    const names = [0, 6, 13, 14, 15, 16, 18].map((at) => nodes[map.field[at]!]?.node.name);
    assert.deepEqual(names, ['eth.dst', 'eth.src', 'eth.type', 'ip.version', 'ip.flags.df', 'ip.flags', 'ip']);
    assert.deepEqual(
      [0, 14].map((at) => map.layer[at]),
      [1, 2],
    );
  });

  test('a byte outside of every field has no owner, ranges beyond the packet are cut', () => {
    const map = mapBytes(flatten([node('x', 2, 100)]), 4);
    assert.deepEqual([...map.field], [-1, -1, 0, 0]);
  });

  test('open nodes show their children, closed ones hide all below', () => {
    const shown = (open: string[]) => visible(nodes, new Set(open)).map(({ node }) => node.name);
    assert.deepEqual(shown([]), ['frame', 'eth', 'ip']);
    assert.deepEqual(shown(['ip']), ['frame', 'eth', 'ip', 'ip.version', 'ip.hdr_len', 'ip.flags']);
    assert.deepEqual(shown(['ip/ip.flags']), ['frame', 'eth', 'ip']);
    const flag = nodes.findIndex(({ node }) => node.name === 'ip.flags.df');
    assert.deepEqual(
      ancestry(nodes, flag).map(({ path }) => path),
      ['ip', 'ip/ip.flags', 'ip/ip.flags/ip.flags.df'],
    );
  });
});

describe('text', () => {
  test('times in three formats', () => {
    assert.equal(seconds(1_234_567_890), '1.234567890');
    assert.equal(seconds(-5), '-0.000000005');
    const [first, second] = [row(1), row(3)];
    assert.equal(timeText('relative', second!, first, '0'), '0.000003000');
    assert.equal(timeText('delta', second!, first, '0'), '0.000002000');
    assert.match(timeText('clock', second!, first, '1700000000000000000'), /^\d\d:\d\d:\d\d\.000003$/);
    assert.equal(timeText('utc', second!, first, '1700000000000000000'), '2023-11-14 22:13:20.000003');
    assert.match(timeText('date', second!, first, '1700000000000000000'), /^2023-11-1[345] \d\d:\d\d:20\.000003$/);
    assert.equal(timeText('epoch', second!, first, '1700000000000000000'), '1700000000.000003000');
    assert.equal(timeText('utc', second!, first, undefined), '');
  });

  test('a date has the room that it needs', () => {
    const width = (time: (typeof TIME_FORMATS)[number]) =>
      shownColumns({ hidden: [], fields: [], time }, 1).find(({ id }) => id === 'time')!.width;
    for (const time of TIME_FORMATS) {
      const text = timeText(time, { ...row(1), timeNs: 86_399_000_000_000 }, row(1), '1700000000000000000');
      assert.ok(width(time) >= text.length * 7, `${text} in ${width(time)} px`);
    }
  });

  test('the interface column shows only with several interfaces', () => {
    const ids = (interfaces: number) =>
      shownColumns({ hidden: ['length'], fields: [], time: 'relative' }, interfaces).map(({ id }) => id);
    assert.ok(!ids(1).includes('interface') && ids(2).includes('interface') && !ids(2).includes('length'));
  });

  test('bytes as hex, dump, C array and escaped string', () => {
    const bytes = Uint8Array.of(0x45, 0x00, 0x41, 0x7f);
    assert.equal(asHex(bytes), '4500417f');
    assert.equal(asDump(bytes), `0000  45 00 41 7f${' '.repeat(36)}  E.A.`);
    assert.equal(asCArray(bytes), 'static const unsigned char packet[4] = {\n  0x45, 0x00, 0x41, 0x7f\n};');
    assert.equal(asEscaped(bytes), '"\\x45\\x00\\x41\\x7f"');
  });
});

describe('names of files that are written', () => {
  test('come from the opened file, without what says its format, or from the interface', () => {
    const names = ['a.pcapng', 'b.pcap.gz', 'c.cap.zst', 'd.txt', '.pcap', 'a.pcapng and 2 others'].map(stemOf);
    assert.deepEqual(names, ['a', 'b', 'c', 'd.txt', 'capture', 'a-merged']);
    const status = { ...IDLE_STATUS, source: 'file', fileName: 'my trace (1).pcapng' } as const;
    useSession.setState({ status });
    assert.equal(exportStem('displayed'), 'my-trace-1-displayed');
    useSession.setState({ status: { ...IDLE_STATUS, source: 'live' } });
    assert.equal(exportStem('all'), 'xdpeek-capture-all');
    useSession.setState({ status: IDLE_STATUS });
  });

  test('a drag carries a link where the host has one, and is the host’s own where that is', () => {
    const packets = { of: 'rows', filter: '', first: 0, last: 2 } as const;
    const carried: string[] = [];
    let prevented = false;
    const event = {
      preventDefault: () => {
        prevented = true;
      },
      dataTransfer: { setData: (type: string, value: string) => carried.push(`${type} ${value}`) },
    } as unknown as Parameters<typeof dragPackets>[0];
    const link = { dragData: (_request: unknown, name: string) => [{ type: 'DownloadURL', value: name }] };
    dragPackets(event, link as unknown as HostApi, packets, 'selected');
    assert.deepEqual([carried, prevented], [['DownloadURL xdpeek-capture-selected.pcapng'], false]);
    const asked: unknown[] = [];
    const native = { dragOut: async (...args: unknown[]) => void asked.push(args) };
    dragPackets(event, native as unknown as HostApi, packets, 'selected');
    assert.equal(prevented, true);
    assert.deepEqual(asked, [[{ packets, format: 'pcapng', packing: 'none' }, 'xdpeek-capture-selected.pcapng']]);
    assert.deepEqual([canDragOut({} as HostApi), canDragOut(link as unknown as HostApi)], [false, true]);
  });
});

describe('columns of any field', () => {
  test('they stand in front of Info, come and go, and there are only so many', () => {
    const ids = () => shownColumns(useTablePrefs.getState(), 1).map(({ id }) => id);
    toggleField('tcp.stream');
    toggleField('ip.ttl');
    assert.deepEqual(ids().slice(-3), ['field:tcp.stream', 'field:ip.ttl', 'info']);
    toggleField('tcp.stream');
    assert.deepEqual(ids().slice(-2), ['field:ip.ttl', 'info']);
    for (let n = 0; n < MOST_FIELDS + 3; n++) toggleField(`frame.field${n}`);
    assert.equal(useTablePrefs.getState().fields.length, MOST_FIELDS);
    useTablePrefs.setState({ fields: [] });
  });
});
