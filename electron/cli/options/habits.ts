/**
 * What hands type that have tcpdump, tshark, xdpdump and bpftool in them, and what it is called here: the hint behind
 * "unknown option" and "unknown command". Nothing of it is accepted: one name a thing, and no option that silently does nothing.
 */

const NAMES = 'Leave it out: addresses and ports are shown as numbers, nothing is looked up.';
const AT_ONCE = 'Leave it out: packets are handed on as they come.';
const JSON_LINES = "--json prints one object a line; '| jq .' spreads it out.";
const LINK_LAYER = "Write with -w FILE; 'xdpeek read -V FILE' prints every layer, '-T fields -e eth.src' one field.";

/** Of all commands that attach. */
const attaching: Readonly<Record<string, string>> = {
  n: NAMES,
  N: NAMES,
  l: AT_ONCE,
  U: AT_ONCE,
  r: "'xdpeek read FILE' prints a file.",
  D: "'xdpeek ifaces' lists the interfaces of every network namespace.",
  'list-interfaces': "'xdpeek ifaces' lists the interfaces of every network namespace.",
  p: '--hook observe --program NAME chooses one of several programs; promiscuous mode is never switched on.',
  'program-names': '--hook observe --program NAME chooses one of several programs.',
  P: "Promiscuous mode is never switched on here; 'ip link set IF promisc on' does it.",
  'promiscuous-mode': "Promiscuous mode is never switched on here; 'ip link set IF promisc on' does it.",
  'rx-capture': '--hook observe shows each packet before and after the XDP program, with its verdict.',
  'load-xdp-program': 'Leave it out: --hook xdp, the default, brings its own program.',
  'load-xdp-mode': '--mode native, generic or offload.',
  Q: '--hook tc-ingress or tc-egress; --hook tc sees both directions.',
};

const capture: Readonly<Record<string, string>> = {
  ...attaching,
  X: '-x adds bytes and text.',
  A: '-x adds bytes and text.',
  v: LINK_LAYER,
  V: LINK_LAYER,
  e: LINK_LAYER,
  T: LINK_LAYER,
  'use-pcap': "-w writes pcapng, which has the verdicts; 'xdpeek convert IN.pcapng OUT.pcap' makes pcap of it.",
  F: "-w writes pcapng; 'xdpeek convert IN.pcapng OUT.pcap' makes pcap of it.",
  'perf-wakeup': '--buffer and -B choose the kernel buffer and its size.',
  'snapshot-length': '-s BYTES, or --snaplen.',
  C: '--file-size SIZE begins a new file, --files N keeps the newest.',
  G: '--file-time S begins a new file, --files N keeps the newest.',
  W: '--files N keeps the newest files.',
  b: '--file-size, --file-time and --file-packets begin a new file, --files N keeps the newest.',
  a: '--duration S, --bytes SIZE or -c N end a capture.',
};

const reading: Readonly<Record<string, string>> = {
  r: 'Leave -r out: the file is named by itself.',
  n: NAMES,
  N: NAMES,
  l: AT_ONCE,
  R: '-Y FILTER is the display filter.',
  t: 'Lines count from the first packet; -T fields -e frame.time_epoch prints the time of day.',
  w: "'xdpeek convert IN OUT -Y FILTER' writes a file.",
  O: '-V prints every layer.',
  P: 'Leave it out: lines are printed unless -q is given.',
  X: '-x adds bytes and text.',
  A: '-x adds bytes and text.',
  v: '-V prints every layer.',
};

const rewriting: Readonly<Record<string, string>> = {
  r: 'Name the files by themselves: IN OUT.',
  w: 'Name the files by themselves: IN OUT.',
  F: '--format pcap, pcap-ns or pcapng.',
};

const window: Readonly<Record<string, string>> = {
  i: "'xdpeek dump -i IF' captures; the window chooses its interfaces itself.",
  r: 'Leave -r out: the file is named by itself.',
  D: "'xdpeek ifaces' lists the interfaces.",
  V: "'xdpeek --version' prints the version, 'xdpeek read -V FILE' every layer of packets.",
  j: `Name a command first: ${JSON_LINES}`,
};

const kernelObjects: Readonly<Record<string, string>> = { j: JSON_LINES, p: JSON_LINES, pretty: JSON_LINES };

const COMMANDS_OF_OTHERS: Readonly<Record<string, string>> = {
  'prog dump': "'xdpeek prog disasm ID' lists the code, --source with its C, --jited the machine code.",
  'prog tracelog': "'xdpeek trace' follows the kernel's trace log.",
  'prog profile': "'xdpeek prog stats' counts runs and the time of each.",
  'prog loadall': "'xdpeek prog load FILE' loads all programs of an object.",
  'map lookup': "'xdpeek map get' looks a key up.",
  'map update': "'xdpeek map set' writes an entry.",
  'map peek': "'xdpeek map get' shows the next entry of a queue or a stack.",
  'map getnext': "'xdpeek map dump' prints all entries.",
  'map enqueue': "'xdpeek map push' does that.",
  'map dequeue': "'xdpeek map pop' does that.",
  'link show': "'xdpeek link list' lists all links.",
  'link pin': "'xdpeek prog attach --pin NAME' leaves a link pinned.",
  net: "'xdpeek ifaces' shows what is attached to each interface; 'xdpeek prog attach' and 'xdpeek prog detach' change it.",
  cgroup: "'xdpeek link list' shows what is attached where.",
  perf: "'xdpeek prog list' shows what is attached where.",
  btf: "'xdpeek map show' names the members of a map's types, 'xdpeek prog disasm --source' the lines of a program.",
  version: "'xdpeek --version' prints the version.",
  interfaces: "'xdpeek ifaces' lists the interfaces.",
  list: "'xdpeek ifaces' lists the interfaces, 'xdpeek prog list' the programs.",
  capture: "'xdpeek dump -i IF' captures.",
  load: "'xdpeek prog load FILE' loads an object, 'xdpeek prog attach FILE -i IF' attaches it.",
  attach: "'xdpeek prog attach FILE -i IF' attaches a program.",
  detach: "'xdpeek prog detach -i IF' takes a program off.",
  tracelog: "'xdpeek trace' follows the kernel's trace log.",
  merge: "'xdpeek convert A B OUT' merges files by time.",
};

/** Of all commands, by the name in their table. */
const OPTIONS_OF_OTHERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  dump: capture,
  flows: attaching,
  stats: attaching,
  read: reading,
  convert: rewriting,
  '[FILE...]': window,
};

/** @param option without its dashes; @returns what to say, if somebody's hands know it */
export function habitOption(command: string, option: string): string | undefined {
  const group = /^(prog|map|link) /.test(command) ? kernelObjects : {};
  const known = OPTIONS_OF_OTHERS[command] ?? group;
  return Object.hasOwn(known, option) ? known[option] : undefined;
}

/** `bpftool prog show` without a name lists them all. */
export function habitMissing(command: string): string | undefined {
  const [, group] = /^(prog|map) (show|dump|disasm)$/.exec(command) ?? [];
  return group && `'xdpeek ${group} list' lists all of them.`;
}

/** @param words "net", "map lookup" */
export function habitCommand(words: string): string | undefined {
  return Object.hasOwn(COMMANDS_OF_OTHERS, words) ? COMMANDS_OF_OTHERS[words] : undefined;
}

/** bpftool's words in front of what names a program or a map: "id 41", "pinned PATH". */
export function habitSelector(operands: readonly string[]): string | undefined {
  const [word, name] = operands;
  return word !== undefined && name !== undefined && ['id', 'name', 'pinned', 'tag'].includes(word)
    ? `Leave '${word}' out: an id, a name or a pin stands by itself.`
    : undefined;
}

/** For the test that holds every hint against the tables. */
export const ALL_HABITS = { options: OPTIONS_OF_OTHERS, kernelObjects, commands: COMMANDS_OF_OTHERS };
