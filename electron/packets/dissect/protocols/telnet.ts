/** Telnet (RFC 854): lines of text, and between them commands and options. */
import { decodeUtf8 } from '../../text/utf8.ts';
import { Cursor } from '../cursor.ts';
import { f, protocol } from '../define.ts';
import type { Dissection, FieldSink, Layer, Protocol } from '../dissection.ts';

const IAC = 255;
const [SE, SB, WILL, DONT] = [240, 250, 251, 254] as const;
const COMMANDS: Record<number, string> = {
  236: 'End of File',
  237: 'Suspend Current Process',
  238: 'Abort Process',
  239: 'End of Record',
  [SE]: 'Suboption End',
  241: 'No Operation',
  242: 'Data Mark',
  243: 'Break',
  244: 'Interrupt Process',
  245: 'Abort Output',
  246: 'Are You There?',
  247: 'Escape Character',
  248: 'Erase Line',
  249: 'Go Ahead',
  [SB]: 'Suboption',
  [WILL]: 'Will',
  252: "Won't",
  253: 'Do',
  [DONT]: "Don't",
};
const OPTIONS: Record<number, string> = {
  0: 'Binary Transmission',
  1: 'Echo',
  3: 'Suppress Go Ahead',
  5: 'Status',
  6: 'Timing Mark',
  24: 'Terminal Type',
  25: 'End of Record',
  31: 'Negotiate About Window Size',
  32: 'Terminal Speed',
  33: 'Remote Flow Control',
  34: 'Linemode',
  35: 'X Display Location',
  36: 'Environment Option',
  37: 'Authentication Option',
  38: 'Encryption Option',
  39: 'New Environment Option',
  44: 'COM Port Control',
};
const TERMINAL_TYPE = 24;
const WINDOW_SIZE = 31;
/** Of one packet. */
const MAX_PARTS = 4000;

const F = {
  command: f.u8('telnet.cmd', 'Command', { names: COMMANDS }),
  option: f.u8('telnet.subcmd', 'Subcommand'),
  data: f.text('telnet.data', 'Data'),
  optionData: f.bytes('telnet.option_data', 'Option data'),
  width: f.u16('telnet.naws_subopt.width', 'Width'),
  height: f.u16('telnet.naws_subopt.height', 'Height'),
  string: f.text('telnet.string_subopt.value', 'Value'),
};

interface Part {
  at: number;
  end: number;
  /** 0 = text. */
  command: number;
}

/** Text line by line, commands one by one; a doubled IAC is a byte of the text. */
function* parts(d: Dissection, layer: Layer): Generator<Part> {
  const { bytes } = d;
  const end = d.capturedEnd(layer);
  let at = layer.start;
  for (let count = 0; at < end && count < MAX_PARTS; count++) {
    const from = at;
    if (bytes[at] === IAC && bytes[at + 1] !== IAC && at + 1 < end) {
      const command = bytes[at + 1]!;
      at += command >= WILL && command <= DONT ? 3 : 2;
      if (command === SB)
        while (at < end && !(bytes[at] === IAC && bytes[at + 1] !== IAC)) at += bytes[at] === IAC ? 2 : 1;
      at = Math.min(at, end);
      yield { at: from, end: at, command };
      continue;
    }
    while (at < end) {
      if (bytes[at] === IAC && bytes[at + 1] !== IAC) break;
      at += bytes[at] === IAC ? 2 : 1;
      if (bytes[at - 1] === 10) break;
    }
    // An IAC that is the last byte.
    if (at === from) at = end;
    yield { at: from, end: Math.min(at, end), command: 0 };
  }
}

export const telnet: Protocol = protocol({
  name: 'telnet',
  column: 'TELNET',
  title: 'Telnet',
  tint: 'tcp',
  binds: { 'tcp.port': [23] },
  fields: F,
  info: () => 'Telnet Data ...',
  emit(d, layer, out) {
    for (const part of parts(d, layer)) {
      if (part.command === 0) emitText(d, part, out);
      else emitCommand(new Cursor(d, out, part.at, part.end), part);
    }
  },
});

function emitText(d: Dissection, { at, end }: Part, out: FieldSink): void {
  const text = decodeUtf8(d.bytes.subarray(at, end));
  out.value(F.data, at, end - at, text, { label: `Data: ${text.replace(/\r/g, '\\r').replace(/\n/g, '\\n')}` });
}

function emitCommand(c: Cursor, { at, end, command }: Part): void {
  const option = end - at > 2 ? c.peek(1, 2) : undefined;
  const words = COMMANDS[command] ?? 'Unknown';
  const about = option === undefined ? '' : ` ${optionText(option)}`;
  c.group(`${words}${about}`, end - at, () => {
    c.skip(1);
    c.u8(F.command);
    if (option === undefined) return;
    const label = { label: `Subcommand: ${optionText(option)}` };
    if (command !== SB) c.u8(F.option, label);
    else c.under(F.option, 1, option, () => emitSuboption(c, option), label);
  });
}

const optionText = (option: number) => OPTIONS[option] ?? `<unknown option ${option}>`;

function emitSuboption(c: Cursor, option: number): void {
  c.skip(1);
  if (option === WINDOW_SIZE) {
    c.u16(F.width);
    c.u16(F.height);
  } else if (option === TERMINAL_TYPE && c.left > 0) {
    const sends = c.u8(F.option, {
      label: c.peek(1) === 0 ? "Here's my Terminal Type" : c.peek(1) === 1 ? 'Send your Terminal Type' : 'Unknown',
    });
    if (sends === 0 && c.left > 0) c.text(F.string);
  } else if (c.left > 0) c.data(F.optionData);
}
