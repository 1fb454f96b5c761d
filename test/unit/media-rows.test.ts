/** What a session description promised is known to rows that are shown out of order: a call and its media are groups of their own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import '../../electron/session/platform.ts';
import { summarize } from '../../electron/packets/dissect/index.ts';
import { Analysis } from '../../electron/session/analysis/analysis.ts';
import { open } from '../golden/render.ts';
import { sampleFile } from '../golden/samples.ts';
import { TELEPHONY_SAMPLES } from '../golden/telephony-samples.ts';

test('rows of a stream that SDP set up are RTP and RTCP in any order', async () => {
  const { store, parser } = open(sampleFile(TELEPHONY_SAMPLES['call']!));
  const { interfaces, secrets } = parser;
  const table = { store, interfaces, secrets } as unknown as ConstructorParameters<typeof Analysis>[0];
  const analysis = new Analysis(table);
  await new Promise<void>((resolve) => analysis.poke(resolve));
  const protocols = [12, 6, 10, 7].map((row) => summarize(analysis.dissect(row)).protocol);
  assert.deepEqual(protocols, ['RTCP', 'RTP', 'RTP EVENT', 'RTP']);
  analysis.end();
});

test('a packet before its announcement is not media', () => {
  const { frames } = TELEPHONY_SAMPLES['call']!;
  const { store, parser } = open(sampleFile({ linkType: 1, frames: [frames[6]!, frames[0]!, frames[6]!] }));
  const { interfaces, secrets } = parser;
  const table = { store, interfaces, secrets } as unknown as ConstructorParameters<typeof Analysis>[0];
  const analysis = new Analysis(table);
  const protocols = [0, 1, 2].map((row) => summarize(analysis.dissect(row)).protocol);
  assert.deepEqual(protocols, ['UDP', 'SIP/SDP', 'RTP']);
  analysis.end();
});
