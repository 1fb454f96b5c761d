/** What sections of an object file tell where libbpf says too little: why it cannot be opened, and what kind a program is whose section has a name of its own. */
import { elfSections } from '../../packets/bpf/elf-sections.ts';
import { errorData, XdpeekError } from '../../shared/errors.ts';

/** @param error what opening the object failed with */
export function whyNotOpened(name: string, bytes: Uint8Array, error: unknown): XdpeekError {
  const data = errorData(error);
  const message = data.message.replace('open the eBPF object file', `open ${name}`);
  const sections = sectionNames(bytes);
  if (data.code === 'FORMAT' && sections.has('maps') && !sections.has('.maps'))
    return new XdpeekError({
      ...data,
      message: `cannot open ${name}: its maps are of the old form (struct bpf_map_def in a section "maps"), which libbpf 1.0 gave up`,
      hint: 'Write them as struct { __uint(type, …); … } name SEC(".maps"), and compile with clang -O2 -g -target bpf.',
    });
  if (data.code === 'FORMAT' && sections.has('.maps') && !sections.has('.BTF'))
    return new XdpeekError({
      ...data,
      message: `cannot open ${name}: it has no type information (BTF), which alone says what its maps are`,
      hint: 'Compile it with clang -g; llvm-strip -g leaves the BTF in.',
    });
  return new XdpeekError({ ...data, message });
}

function sectionNames(bytes: Uint8Array): ReadonlySet<string> {
  try {
    return new Set(elfSections(bytes).keys());
  } catch {
    return new Set(); // no ELF file, which is said already
  }
}

/** In libbpf's words; what these words begin with is what tutorials and older loaders name sections. */
const GUESSES: readonly [begin: RegExp, type: string][] = [
  // Programs in devmaps and cpumaps need an attach type that libbpf has names for.
  [/^xdp_?(devmap|cpumap)/, ''],
  [/^xdp(?![a-z])/, 'xdp'],
  [/^(tc|classifier|cls|ingress|egress)(?![a-z])/, 'sched_cls'],
  [/^socket(?![a-z])/, 'socket_filter'],
];

/** Undefined where the name tells nothing. */
export function typeGuess(section: string): string | undefined {
  return GUESSES.find(([begin]) => begin.test(section))?.[1] || undefined;
}
