/** Programs of this machine: the list with rates and where each is attached, and all that there is to know of one. */
import { XdpeekError } from '../../shared/errors.ts';
import type { MapInfo, ProgramInfo } from '../../shared/workbench.ts';
import type { ProgramDetail, ProgramList } from '../../shared/workbench-api.ts';
import { attachedWords, attachPlaces } from './programs-attached.ts';
import { callsOf, heldPrograms } from './programs-calls.ts';
import { codeListing } from './programs-code.ts';
import { machineListing } from './programs-machine.ts';
import { RunRates } from './programs-rates.ts';
import type { Workbench } from './workbench.ts';

export class Programs {
  readonly #workbench: Workbench;
  readonly #rates = new RunRates();
  #statistics = false;

  constructor(workbench: Workbench) {
    this.#workbench = workbench;
    // What the process had switched on went with it.
    workbench.onGone(() => {
      this.#statistics = false;
      this.#rates.forget();
    });
  }

  async list(): Promise<ProgramList> {
    const [programs, links, interfaces] = await Promise.all([
      this.#workbench.request('programs', {}),
      this.#workbench.request('links', {}),
      this.#workbench.interfaces(),
    ]);
    const attached = attachedWords(links, interfaces);
    const rates = this.#statistics ? this.#rates.take(programs, performance.now()) : new Map<number, object>();
    return {
      programs: programs.map((each) => ({ ...each, ...rates.get(each.id), attached: attached(each.id) })),
      statistics: this.#statistics,
      places: attachPlaces(links, interfaces, programs),
    };
  }

  /** Counting costs every run of every program a few nanoseconds: it is on while somebody wants it. */
  async setStatistics(on: boolean): Promise<void> {
    await this.#workbench.request('statistics', { on });
    if (on !== this.#statistics) this.#rates.forget();
    this.#statistics = on;
  }

  async detail(id: number): Promise<ProgramDetail> {
    const [{ programs }, links, allMaps, code] = await Promise.all([
      this.list(),
      this.#workbench.request('links', {}),
      this.#workbench.request('maps', {}),
      this.#workbench.request('programCode', { id }),
    ]);
    const program = programs.find((each) => each.id === id);
    if (!program) throw gone(id);
    const btf = await this.#workbench.types.byId(code.btfId);
    const maps = allMaps.filter((map) => program.mapIds.includes(map.id));
    const raw = {
      xlated: bytesOf(code.xlated),
      jited: bytesOf(code.jited),
      lineInfo: bytesOf(code.lineInfo),
      funcInfo: bytesOf(code.funcInfo),
      symbols: code.symbols,
      jitedKsyms: code.jitedKsyms,
      jitedLengths: code.jitedLengths,
      jitedLineInfo: code.jitedLineInfo,
    };
    const listing = codeListing(raw, { program: program.name, btf, map: nameOf(maps) });
    const functionNames = listing.functions.map(({ name }) => name);
    const note = noteOf(program, raw);
    return {
      program,
      xlated: listing.lines,
      jited: machineListing(raw, functionNames, btf, process.arch),
      ...(note !== undefined && { note }),
      functions: listing.functions,
      calls: callsOf(listing, maps, await heldPrograms(this.#workbench, maps), programs),
      links: links.filter(({ programId }) => programId === id),
      maps,
    };
  }
}

export function gone(id: number): XdpeekError {
  return new XdpeekError({
    code: 'ENOENT',
    message: `there is no program ${id} (any more)`,
    hint: 'Look at the list again: ids are never used twice.',
  });
}

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));

function nameOf(maps: readonly MapInfo[]): (id: number) => string | undefined {
  const names = new Map(maps.map(({ id, name }) => [id, name]));
  return (id) => names.get(id);
}

function noteOf(
  { xlatedBytes, jitedBytes }: ProgramInfo,
  { xlated, jited }: { xlated: Uint8Array; jited: Uint8Array },
): string | undefined {
  const hidden = (xlatedBytes > 0 && xlated.length === 0) || (jitedBytes > 0 && jited.length === 0);
  if (hidden)
    return 'The kernel hides this code: lockdown, or kernel.kptr_restrict or net.core.bpf_jit_harden with rights that it does not find enough.';
  if (jitedBytes === 0) return 'This program is interpreted: net.core.bpf_jit_enable was 0 when it was loaded.';
  return undefined;
}
