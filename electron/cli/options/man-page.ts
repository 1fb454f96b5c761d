/**
 * xdpeek(1) in man(7) macros, out of the same tables as `--help`. assets/xdpeek.1 is this text; a test holds them equal.
 * Write it with `node electron/cli/options/write-man-page.ts`.
 */
import { isRequired, optionHelp, shown } from './help.ts';
import type { CommandSpec, Option } from './spec.ts';

/** Found by comparing; those of single samples stand with their reasons in test/golden/protocols.test.ts. */
const DIFFERENCES = [
  'Bodies of HTTP are not read on as JSON, and messages of SMTP and IMAP not as mail; http.file_data of bodies in chunks that are packed is not there, nor the HTTP2-Settings header taken apart.',
  'A message that its connection ends in the middle of is not shown, but for HTTP bodies that last until then; lines of FTP over several segments are not put together.',
  'Bytes in flight and the retransmission timeout are others for some segments that were sent more than once.',
  'IPv6 fragments count for the conversation of their datagram; fragments that overlap are not noted. The first fragment of a packet that was cut short shows as IP.',
  'Options in headers that were cut short end where the bytes do; so may the protocol column.',
  'Captures without interface blocks have frame.interface_id 0.',
  'icmp.resptime, icmpv6.resptime and the times of STP are compared as text; masks on addresses (ip.src & 255.0.0.0), frame.ignored and pkt_comment are refused.',
  'Pseudowires (pwethcw) are no protocol of their own in frame.protocols.',
];

export function manPage(commands: readonly CommandSpec[], version: string): string {
  return [
    `.TH XDPEEK 1 "" "xdpeek ${version}" "User Commands"`,
    '.SH NAME',
    'xdpeek \\- live packets, verdicts, flows and rates of Linux interfaces, through eBPF',
    '.SH SYNOPSIS',
    '.B xdpeek',
    `[\\fB\\-\\-demo\\fR] [${italic('FILE')}...]`,
    '.br',
    '.B xdpeek',
    `${italic('COMMAND')} [${italic('options')}]`,
    '.SH DESCRIPTION',
    'Without a command the window opens, on capture files if some are named (several are merged by time); without a display it is served to a browser. With \\fB\\-\\-demo\\fR it opens on a network of its own making, with traffic (needs root).',
    'Capturing attaches small eBPF programs of xdpeek\\(aqs own to the interface; traffic passes unchanged (but for \\-\\-hook afxdp, which takes what matches), and the programs are gone when xdpeek ends, whatever ends it.',
    '.SH COMMANDS',
    ...commands.flatMap(section),
    '.SH EXIT STATUS',
    ...[
      ['0', 'done'],
      ['1', 'failed; one line on standard error says what, and what to do'],
      ['2', 'wrong usage; nothing was done'],
    ].flatMap(([status, meaning]) => ['.TP', `.B ${status}`, meaning!]),
    '.SH SIGNALS',
    'SIGINT, SIGTERM and SIGHUP end a capture cleanly: the programs are detached, what was captured is kept, and the summary is printed. A second one, a quarter of a second later or more, ends at once.',
    '.SH SECURITY',
    'Only a small process runs as root; it reads no packet contents and no files. As a normal user it is started through',
    '.BR pkexec (1)',
    'after an administrator\\(aqs consent (polkit actions org.xdpeek.capture, and org.xdpeek.workbench for programs and maps of the kernel). Capture files belong to the user; new ones have mode 0600. Text from packets reaches the terminal with control characters made visible.',
    '.SH DIFFERENCES FROM TSHARK',
    'Names of fields, filters and lines are those of tshark 4.0. Known differences:',
    ...DIFFERENCES.flatMap((text) => ['.IP \\(bu 2', roff(text)]),
    '.SH SEE ALSO',
    '.BR tcpdump (1),',
    '.BR tshark (1),',
    '.BR bpftool (8),',
    '.BR pkexec (1)',
    '',
  ].join('\n');
}

function section(spec: CommandSpec): string[] {
  const operands = spec.operands.map((operand) =>
    operand.required ? italic(shown(operand)) : `[${italic(shown(operand))}]`,
  );
  const words = Object.entries(spec.options).map(([name, option]) => synopsis(name, option));
  return [
    `.SS "xdpeek ${spec.name} ${[...operands, ...words].join(' ')}"`,
    ...spec.description.flatMap((text, at) => (at === 0 ? [roff(text)] : ['.PP', roff(text)])),
    ...spec.operands.flatMap(({ metavar, help }) => ['.TP', italic(metavar), roff(help)]),
    ...Object.entries(spec.options).flatMap(([name, option]) => ['.TP', title(name, option), roff(optionHelp(option))]),
    ...spec.examples.flatMap(({ line, what }) => [
      '.PP',
      /[.?]$/.test(what) ? roff(what) : `${roff(what)}:`,
      '.RS',
      `.B ${roff(line)}`,
      '.RE',
    ]),
  ];
}

function synopsis(name: string, option: Option): string {
  const dash = option.short ? `\\-${option.short}` : `\\-\\-${roff(name)}`;
  const shown = option.kind === 'value' ? `\\fB${dash}\\fR ${italic(option.metavar)}` : `\\fB${dash}\\fR`;
  if (isRequired(option)) return shown;
  return `[${shown}]${option.kind === 'value' && option.many ? '...' : ''}`;
}

function title(name: string, option: Option): string {
  const long = `\\fB\\-\\-${roff(name)}\\fR`;
  const names = option.short ? `\\fB\\-${option.short}\\fR, ${long}` : long;
  return option.kind === 'value' ? `${names} ${italic(option.metavar)}` : names;
}

function italic(text: string): string {
  return `\\fI${roff(text)}\\fR`;
}

/** Plain text as roff: backslashes, hyphens that people copy, and lines that would start a request. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('"', '\\(dq')
    .replace(/^\./, '\\&.');
}
