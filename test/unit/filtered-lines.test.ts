/**
 * Lines of the packets that a display filter lets through (cli/printers/filtered-lines.ts): which they are and what they say is what it is when every
 * packet is dissected for it.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import '../../electron/session/platform.ts';
import { isOfPairs } from '../../electron/cli/display-filter.ts';
import { PacketFeed } from '../../electron/cli/packet-feed.ts';
import { FilteredLines } from '../../electron/cli/printers/filtered-lines.ts';
import { packetPrinter } from '../../electron/cli/printers/packet-printer.ts';
import { DecodeAs } from '../../electron/packets/dissect/decode-as.ts';
import { DisplayFilter } from '../../electron/packets/filter/index.ts';
import { ByteText } from '../../electron/packets/lines/byte-text.ts';
import { mutate, random } from '../fuzz/mutate.ts';
import { PROTOCOL_SAMPLES } from '../golden/protocol-samples.ts';
import { SAMPLES, type Sample, sampleFile } from '../golden/samples.ts';

const ETHERNET = 1;
const frames = Object.values({ ...SAMPLES, ...PROTOCOL_SAMPLES })
  .filter(({ linkType, secrets }) => linkType === ETHERNET && !secrets)
  .flatMap((sample) => sample.frames);
const ALL = sampleFile({ linkType: ETHERNET, frames } as Sample);
const FILTERS = readFileSync(path.join(import.meta.dirname, '../golden/filters.txt'), 'utf8')
  .trim()
  .split('\n')
  .filter((text) => isOfPairs(new DisplayFilter(text)));

function lines(file: Uint8Array, text: string, decodeAs?: DecodeAs): { text: string; dissected: number } {
  const feed = new PacketFeed(decodeAs);
  const printer = new FilteredLines(feed, false, new DisplayFilter(text));
  const out = new ByteText(0);
  let dissected = 0;
  feed.push(file);
  for (let i = 0; i < feed.count; i++) if (printer.packet(i, out)) dissected++;
  return { text: Buffer.from(out.bytes.subarray(0, out.length)).toString(), dissected };
}

async function truth(file: Uint8Array, text: string, decodeAs?: DecodeAs): Promise<string> {
  const feed = new PacketFeed(decodeAs);
  const options = { type: 'text', field: [], format: [], verbose: false, hex: false } as const;
  const printer = await packetPrinter({ ...options, filter: new DisplayFilter(text) }, feed);
  feed.push(file);
  return Array.from({ length: feed.count }, (_, i) => printer.packet(feed.at(i))).join('');
}

test('the filters of the goldens, over every sample', async () => {
  assert.ok(FILTERS.length > 300, `${FILTERS.length} filters`);
  for (const text of FILTERS) assert.equal(lines(ALL, text).text, await truth(ALL, text), text);
});

test('what headers decide is not dissected for the filter’s sake', () => {
  const count = frames.length;
  const needed = lines(ALL, 'tcp.port == 80').dissected;
  assert.ok(needed < count * 0.9, `${needed} of ${count}`);
  assert.equal(lines(ALL, 'ip.version == 4').dissected, count);
});

test('bent frames, in any order', async () => {
  const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_129);
  const next = random(seed);
  const bent = Array.from({ length: 6000 }, () => {
    const { bytes } = frames[next(frames.length)]!;
    return { bytes: next(3) === 0 ? mutate(bytes, frames[next(frames.length)]!.bytes, next) : bytes };
  });
  const file = sampleFile({ linkType: ETHERNET, frames: bent } as Sample);
  for (const text of ['tcp.port == 443 or udp.port == 53', '!tcp', 'tcp.flags.syn == 1', 'http || dns', 'tcp.len > 0'])
    assert.equal(lines(file, text).text, await truth(file, text), `FUZZ_SEED=${seed} ${text}`);
});

test('what secrets open, and what the user chose, headers do not tell', async () => {
  let found = 0;
  for (const [name, sample] of Object.entries({ ...SAMPLES, ...PROTOCOL_SAMPLES })) {
    if (sample.linkType !== ETHERNET || !sample.secrets) continue;
    const opened = sampleFile(sample);
    for (const text of ['http or http2 or mqtt or dns', 'http.request', '!http', 'tcp.port == 443']) {
      const said = lines(opened, text).text;
      assert.equal(said, await truth(opened, text), `${name} ${text}`);
      if (text === 'http.request' && said !== '') found++;
    }
  }
  assert.ok(found > 3, `HTTP in ${found} samples`);
  const told = () => new DecodeAs([{ table: 'udp.port', from: 53, to: 53, protocol: 'ntp' }]);
  assert.equal(lines(ALL, 'dns', told()).text, await truth(ALL, 'dns', told()));
  assert.notEqual(lines(ALL, 'dns', told()).text, lines(ALL, 'dns').text);
});
