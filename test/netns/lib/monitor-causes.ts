/** monitor-causes.bpf.c, compiled and attached: each program on an interface of its own, with its variable and the entries of its maps. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { addon } from './addon.ts';
import { run } from './process.ts';

const LIBBPF = path.resolve(import.meta.dirname, '../../../native/vendor/build');
const SOURCE = path.join(import.meta.dirname, 'monitor-causes.bpf.c');

let compiled: Uint8Array | undefined;

async function objectBytes(): Promise<Uint8Array> {
  if (compiled) return compiled;
  const folder = mkdtempSync(path.join(tmpdir(), 'xm-'));
  try {
    const object = path.join(folder, 'causes.bpf.o');
    const multiarch = (await run('gcc', ['-print-multiarch'])).trim();
    const headers = [`-I${LIBBPF}/uapi`, `-I${LIBBPF}/include`, '-idirafter', `/usr/include/${multiarch}`];
    await run('clang', ['-O2', '-g', '-target', 'bpf', '-mcpu=v3', ...headers, '-c', '-o', object, SOURCE]);
    compiled = new Uint8Array(readFileSync(object));
  } finally {
    rmSync(folder, { recursive: true });
  }
  return compiled;
}

export type Cause = 'pass' | 'give_up' | 'no_verdict' | 'to_index' | 'to_port' | 'to_cpu' | 'say';

const u32 = (...values: number[]) => new Uint8Array(Uint32Array.from(values).buffer);

export interface CauseOptions {
  mode?: 'native' | 'generic';
  target?: number;
  /** Interface index in the namespace of the program. */
  port?: number;
  /** Queue length of the CPU `target`. */
  queue?: number;
}

/** Attached until the returned function is called. */
export async function attachCause(
  at: { netns: string; ifname: string },
  program: Cause,
  { mode = 'native', target = 0, port, queue }: CauseOptions = {},
): Promise<() => void> {
  const object = new addon.WorkbenchObject({
    bytes: await objectBytes(),
    name: 'monitor_causes',
    programs: [program],
    types: [],
    variables: [{ section: '.rodata', offset: 0, data: u32(target) }],
    mapSizes: [],
    reuse: [],
    logLevel: 0,
  });
  try {
    const mapId = (name: string) => object.maps.find((map) => map.name === name)!.id;
    if (port !== undefined) addon.mapUpdate(mapId('ports'), u32(0), u32(port), 'any', at.netns);
    if (queue !== undefined) addon.mapUpdate(mapId('cpus'), u32(target), u32(queue, 0), 'any');
    const programId = object.programs[0]!.id;
    const place = { kind: 'interface', hook: 'xdp', mode, ...at } as const;
    const attachment = new addon.ProgramAttachment({ programId, target: place }, [object]);
    return () => {
      attachment.close();
      object.close();
    };
  } catch (error) {
    object.close();
    throw error;
  }
}
