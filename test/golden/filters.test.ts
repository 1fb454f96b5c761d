/**
 * Display filters against tshark's: every filter of filters.txt selects the same packets, over one capture with all samples of Ethernet in it,
 * dissected in order. Then: what is no filter, and what is said of it.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { DisplayFilter, FilterError } from '../../electron/packets/filter/index.ts';
import { PROTOCOL_SAMPLES } from './protocol-samples.ts';
import { open, stateful } from './render.ts';
import { SAMPLES, type Sample, sampleFile } from './samples.ts';

const FILTERS = readFileSync(path.join(import.meta.dirname, 'filters.txt'), 'utf8')
  .trim()
  .split('\n');
const AT_ONCE = 2;

/** Filter → why it does not select what tshark's does. */
const ON_PURPOSE: Record<string, string> = {
  data: 'what an ICMP type does not claim, and what a redirect quotes beyond its header, is data here',
};

const folder = mkdtempSync(path.join(tmpdir(), 'xdpeek-filters-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Every sample's frames, but for those that are wrong on purpose. */
const all: Sample = {
  linkType: 1,
  frames: Object.entries({ ...SAMPLES, ...PROTOCOL_SAMPLES })
    .filter(([name, { linkType }]) => linkType === 1 && name !== 'cut')
    .flatMap(([, { frames }]) => frames),
};
const bytes = sampleFile(all);
const file = path.join(folder, 'all.pcapng');
writeFileSync(file, bytes);
const opened = open(bytes);
const dissections = stateful(opened);

function ours(text: string): number[] {
  const filter = new DisplayFilter(text);
  return dissections.flatMap((d, row) => (filter.test(d, opened.frame(row)) ? [row + 1] : []));
}

async function theirs(text: string): Promise<number[]> {
  const checks = ['tcp', 'udp', 'ip'].flatMap((name) => ['-o', `${name}.check_checksum:TRUE`]);
  const { stdout } = await promisify(execFile)(
    'tshark',
    ['-n', '-r', file, ...checks, '-Y', text, '-T', 'fields', '-e', 'frame.number'],
    { maxBuffer: 1 << 26, env: { ...process.env, TZ: 'UTC' } },
  );
  return stdout.split('\n').filter(Boolean).map(Number);
}

test(`${FILTERS.length} filters select the packets that tshark selects`, async () => {
  assert.ok(FILTERS.length >= 150);
  const wrong: string[] = [];
  const waiting = [...FILTERS];
  const work = async () => {
    for (let text = waiting.shift(); text !== undefined; text = waiting.shift()) {
      if (ON_PURPOSE[text]) continue;
      const wanted = await theirs(text).catch((error: { stderr: string }) => error.stderr.split('\n')[1]!);
      if (typeof wanted === 'string') {
        wrong.push(`${text}: ${wanted}`);
        continue;
      }
      const got = ours(text);
      if (got.join() === wanted.join()) continue;
      const missing = wanted.filter((number) => !got.includes(number));
      const extra = got.filter((number) => !wanted.includes(number));
      wrong.push(`${text}: missing ${missing.slice(0, 8)}, extra ${extra.slice(0, 8)}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  assert.deepEqual(wrong, []);
});

describe('what is no filter is said, with its place', () => {
  const cases: [text: string, at: number, message: RegExp][] = [
    ['ip.srcc == 10.0.0.1', 0, /no field or protocol "ip\.srcc"; did you mean ip\.src\?/],
    ['tcp.port == 70000', 12, /too large: tcp\.port holds at most 65535/],
    ['tcp.port == abc', 12, /"abc" is not a number/],
    ['ip.src == 10.0.0.300', 10, /is not an IPv4 address/],
    ['ip.src == 10.0.0.0/33', 10, /is not an IPv4 address/],
    ['ipv6.src == 1::2::3', 12, /is not an IPv6 address/],
    ['eth.src == 02:00', 11, /is not an Ethernet address/],
    ['tcp.port = 80', 9, /"=" is not an operator/],
    ['(tcp', 4, /ends too early: a closing parenthesis/],
    ['tcp)', 3, /was not expected/],
    ['tcp &&', 6, /ends too early/],
    ['dns.qry.name == "abc', 16, /closing quote/],
    ['dns.qry.name matches "("', 21, /not a regular expression/],
    ['ip.src contains 10', 0, /looks into text or bytes/],
    ['tcp.port in {}', 13, /not expected/],
    ['tcp.port in {5..1}', 13, /range is empty/],
    ['frame[0', 5, /closing bracket/],
    ['nosuch(tcp.port) == 1', 0, /no function/],
    ['len() == 1', 0, /takes one field/],
    ['ip.src == tcp.port', 0, /cannot be compared/],
    ['"text"', 0, /text alone/],
    ['80', 0, /no field or protocol/],
    ['tcp.port == 80 $', 15, /has no meaning/],
    ['any tcp', 7, /comparison/],
    [`${'('.repeat(500)}tcp`, 0, /nested too deeply/],
  ];
  for (const [text, at, message] of cases)
    test(text.slice(0, 40), () => {
      assert.throws(
        () => new DisplayFilter(text),
        (error: unknown) => {
          assert.ok(error instanceof FilterError, String(error));
          assert.match(error.message, message);
          if (at > 0) assert.equal(error.at, at);
          return true;
        },
      );
    });
});
