/** `xdpeek filter`: a capture filter compiled, listed, and run by the kernel on the packets of a file. */
import { classicListing } from '../../packets/bpf/classic-listing.ts';
import { ebpfListing } from '../../packets/bpf/ebpf-listing.ts';
import { compileFilter } from '../../session/filter/index.ts';
import { KernelRun, translate } from '../../session/filter/kernel-run.ts';
import { LINKTYPE_ETHERNET } from '../../shared/capture.ts';
import { XdpeekError } from '../../shared/errors.ts';
import { captureFile } from '../capture-file.ts';
import type { Invocation } from '../options/spec.ts';
import { usageError } from '../options/usage-error.ts';
import { PacketFeed } from '../packet-feed.ts';
import type { Context } from '../start.ts';
import type { filter } from '../table.ts';

const NAMES: Record<number, string> = { 1: 'Ethernet', 101: 'raw IP', 105: '802.11', 127: '802.11 with radiotap' };

export async function run({ options, operands }: Invocation<typeof filter>, { out, stop }: Context): Promise<number> {
  const text = operands.join(' ');
  if (text.trim() === '') throw usageError('the filter is empty', 'Write one, as for tcpdump: see pcap-filter(7).');
  if (options.count !== undefined && options.linktype !== undefined)
    throw usageError('--linktype cannot be given with --count', 'The file says what link types it has.');
  if (options.count === undefined || options.list) {
    const { linktype: linkType = LINKTYPE_ETHERNET } = options;
    const code = compileFilter(text, [linkType]).programs[0]!.code;
    const extended = ebpfListing(translate(code));
    const kinds = `${code.length / 4} classic BPF instructions, ${extended.length} of eBPF`;
    if (options.list) await out.write(`${[...classicListing(code), '', ...extended].join('\n')}\n`);
    else await out.write(`valid for ${NAMES[linkType] ?? `link type ${linkType}`}: ${kinds}\n`);
  }
  if (options.count !== undefined) {
    if (options.list) await out.write('\n');
    await out.write(await count(text, options.count, stop));
  }
  return 0;
}

/** Runs it on every packet of the file; each link type has a program of its own. */
async function count(text: string, name: string, stop: AbortSignal): Promise<string> {
  const feed = new PacketFeed();
  const runs = new Map<number, KernelRun>();
  let packets = 0;
  try {
    for await (const piece of captureFile(name, stop)) {
      feed.push(piece);
      for (let i = 0; i < feed.count; i++, packets++) {
        const { bytes, linkType } = feed.at(i);
        let run = runs.get(linkType);
        if (!run) {
          run = new KernelRun(compileFilter(text, [linkType]).programs[0]!.code);
          runs.set(linkType, run);
        }
        await run.add(bytes);
      }
      if (feed.parser.damage || stop.aborted) break;
    }
    if (!stop.aborted) feed.parser.end();
    for (const run of runs.values()) await run.finish();
  } finally {
    await Promise.all([...runs.values()].map((run) => run.close()));
  }
  const total = (what: 'matches' | 'unable') => [...runs.values()].reduce((sum, run) => sum + run[what], 0);
  const { damage } = feed.parser;
  if (damage)
    throw new XdpeekError({
      code: 'EBADMSG',
      message: `${name} is damaged at byte ${damage.offset}: ${damage.reason}`,
      hint:
        packets > 0
          ? `Of the ${packets} packets before it, ${total('matches')} match.`
          : 'Check that it is a pcapng or pcap file.',
    });
  const unable = total('unable');
  const rest = unable === 0 ? '' : `; ${unable} too short or too long for a test run in the kernel`;
  return `${total('matches')} of ${packets} packets match${rest}\n`;
}
