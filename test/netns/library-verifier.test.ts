/** Five ways of reading the last byte of a packet: three are refused, each for its reason and at its line; two load and do what they say. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { attachLibrary } from '../../electron/session/workbench/library.ts';
import { addon } from './lib/addon.ts';
import { udpFrame } from './lib/frames.ts';
import { withLibrary } from './lib/library.ts';
import { withPair } from './lib/network.ts';
import { eventually } from './lib/process.ts';

const quiet = { prefix: 'xlv', quiet: true } as const;
const source = readFileSync(path.resolve(import.meta.dirname, '../../bpf/library/tail_read.bpf.c'), 'utf8').split('\n');

for (const [name, reason, knew] of [
  ['tail_read_length', /offset is outside of the packet/, /pkt\(id=\d+,(off=\d+,)?r=0/],
  ['tail_read_end', /invalid mem access 'pkt_end'/, /pkt_end\(\)/],
  ['tail_read_wide', /offset is outside of the packet/, /umax=0xfffff|umax_value=1048575|umax=1048575/],
] as const)
  test(`${name} is refused, with the reason at its line, and nothing stays`, () =>
    withPair(quiet, (_a, b) =>
      withLibrary(async ({ workbench }) => {
        const target = { kind: 'interface', netns: b.netns, ifname: b.ifname, hook: 'xdp' } as const;
        const { outcome, attachment } = await attachLibrary(workbench, name, {}, { target });
        assert.equal(attachment, undefined);
        assert.equal(outcome.loaded, undefined);
        assert.equal(outcome.error?.code, 'VERIFIER');
        const log = outcome.logs.find(({ program }) => program === name)!;
        assert.equal(log.accepted, false);
        assert.match(log.reason ?? '', reason);
        assert.match(log.raw, knew);
        assert.ok(log.hint, 'it says what to do');
        const refused = log.steps.findLast(({ at }) => at === log.refusedAt)!;
        // The line of the source that the verifier names is the one that reads, within this very program.
        const line = refused.source!.line;
        assert.match(source[line - 1]!, /return verdict\(/);
        assert.ok(
          source
            .slice(0, line)
            .findLast((each) => each.startsWith('int '))
            ?.includes(`${name}(`),
        );
        assert.deepEqual(addon.interfaces(b.netns).find(({ ifname }) => ifname === b.ifname)!.attached, []);
      }),
    ));

for (const name of ['tail_read_mask', 'tail_read_loop'])
  test(`${name} loads and aborts packets whose last byte is 0xff, of odd and even length`, () =>
    withPair(quiet, (a, b) =>
      withLibrary(async (lab) => {
        const program = await lab.attach(name, b);
        const frame = (length: number, last: number) => {
          const payload = new Uint8Array(length).fill(0xee);
          payload[length - 1] = last;
          return udpFrame(a, b, payload, { family: length % 3 === 0 ? 6 : 4 });
        };
        const lengths = [1, 2, 20, 21, 255, 256, 1000, 1001];
        await addon.sendFrames({
          netns: a.netns,
          ifname: a.ifname,
          frames: lengths.flatMap((length) => [frame(length, 0xff), frame(length, 0xfe), frame(length, 0)]),
        });
        const judged = lengths.length;
        await eventually('all are judged', () => program.verdicts()['pass'] === 2 * judged);
        assert.deepEqual(program.verdicts(), { aborted: judged, pass: 2 * judged });
      }),
    ));
