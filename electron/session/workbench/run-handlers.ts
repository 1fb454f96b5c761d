/** Packets of the capture, or bytes, through a program. */
import { LINKTYPE_ETHERNET } from '../../shared/capture.ts';
import { errorData, XdpeekError } from '../../shared/errors.ts';
import type { RunApiMethods, RunRequest, RunResult } from '../../shared/workbench-api.ts';
import type { PacketTable } from '../rows.ts';
import type { Handlers } from './handlers.ts';
import { runnerOf, runPacket } from './run-packet.ts';
import type { Workbench } from './workbench.ts';

export function runHandlers(workbench: Workbench, table: () => PacketTable): Handlers<RunApiMethods> {
  return {
    'run.packets': async (request) => {
      const packets = chosen(request, table);
      const runner = await runnerOf(workbench, request.programId);
      const results: RunResult[] = [];
      for (const { number, bytes, note } of packets) {
        const result = await runPacket(workbench, runner, bytes, request).catch((error) =>
          refused(runner.program.type, bytes, request.repeat, error),
        );
        if (number !== undefined) result.number = number;
        if (note !== undefined) result.notes.unshift(note);
        results.push(result);
      }
      return results;
    },
  };
}

interface Packet {
  number?: number;
  bytes: Uint8Array;
  note?: string;
}

/** All are there before the first is run. */
function chosen({ packets = [], bytes }: RunRequest, table: () => PacketTable): Packet[] {
  if ((bytes === undefined) === (packets.length === 0))
    throw new XdpeekError({ code: 'USAGE', message: 'run packets of the capture by number, or bytes' });
  return bytes ? [{ bytes }] : packets.map((number) => packetOf(table(), number));
}

function packetOf({ store, interfaces }: PacketTable, number: number): Packet {
  const row = number - 1;
  if (row >= store.count)
    throw new XdpeekError({ code: 'ENOENT', message: `there is no packet ${number}: the capture has ${store.count}` });
  const linkType = interfaces[store.interfaceId(row)]?.linkType ?? 0;
  if (linkType !== LINKTYPE_ETHERNET)
    throw new XdpeekError({
      code: 'EOPNOTSUPP',
      message: `packet ${number} has no Ethernet header (link type ${linkType}): the kernel runs programs on Ethernet frames`,
      hint: 'Edit its bytes: put a header of 14 bytes in front.',
    });
  const bytes = store.packetBytes(row).slice();
  const cut = store.wireLen(row) - bytes.length;
  return cut > 0
    ? { number, bytes, note: `${cut} bytes of the packet were not captured: the program saw it shorter` }
    : { number, bytes };
}

/** One packet that the kernel does not run is no reason to lose the others. */
function refused(programType: string, bytes: Uint8Array, repeat: number, error: unknown): RunResult {
  const nothing = { changed: [], changes: [], maps: [], printed: [], notes: [] };
  return {
    programType,
    verdict: 0,
    verdictName: 'not run',
    fate: 'other',
    nsPerRun: 0,
    repeat,
    before: bytes,
    after: bytes,
    ...nothing,
    error: errorData(error),
  };
}
