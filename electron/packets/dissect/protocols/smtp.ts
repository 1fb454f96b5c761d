/** Simple Mail Transfer Protocol (RFC 5321): commands and replies; what comes between DATA and the dot is the message. */
import { own } from '../../state/conversations.ts';
import { f, protocol } from '../define.ts';
import type { Dissection, Layer, Protocol } from '../dissection.ts';
import { tcpFacts } from './tcp-facts.ts';
import { fromServer, lines, wholeLines } from './text-lines.ts';

const PORTS = [25, 587, 2525];
const CODES: Record<number, string> = {
  211: 'System status, or system help reply',
  214: 'Help message',
  220: '<domain> Service ready',
  221: '<domain> Service closing transmission channel',
  235: 'Authentication successful',
  250: 'Requested mail action okay, completed',
  251: 'User not local; will forward to <forward-path>',
  252: 'Cannot VRFY user, but will accept message and attempt delivery',
  334: 'AUTH input',
  354: 'Start mail input; end with <CRLF>.<CRLF>',
  421: '<domain> Service not available, closing transmission channel',
  450: 'Requested mail action not taken: mailbox unavailable',
  451: 'Requested action aborted: local error in processing',
  452: 'Requested action not taken: insufficient system storage',
  500: 'Syntax error, command unrecognized',
  501: 'Syntax error in parameters or arguments',
  502: 'Command not implemented',
  503: 'Bad sequence of commands',
  504: 'Command parameter not implemented',
  530: 'Authentication required',
  535: 'Authentication credentials invalid',
  550: 'Requested action not taken: mailbox unavailable',
  553: 'Requested action not taken: mailbox name not allowed',
  554: 'Transaction failed',
};
const F = {
  request: { ...f.flag('smtp.req', 'Request'), bits: 0 },
  response: { ...f.flag('smtp.rsp', 'Response'), bits: 0 },
  message: f.text('smtp.message', 'Message'),
  commandLine: f.text('smtp.command_line', 'Command Line'),
  command: f.text('smtp.req.command', 'Command'),
  parameter: f.text('smtp.req.parameter', 'Request parameter'),
  responseLine: f.text('smtp.response', 'Response'),
  code: f.u32('smtp.response.code', 'Response code', { names: CODES }),
  responseText: f.text('smtp.rsp.parameter', 'Response parameter'),
  eom: f.none('smtp.eom', 'EOM'),
};

interface State {
  /** Between DATA's answer and the dot. */
  message: boolean;
  asked: boolean;
}
const STATE = Symbol('smtp');

interface Facts {
  server: boolean;
  message: boolean;
  /** The dot is in this unit. */
  over: boolean;
}

function track(d: Dissection, layer: Layer): Facts {
  const server = fromServer(d, layer, PORTS);
  const conversation = layer.below && tcpFacts(layer.below)?.conversation;
  const text = String.fromCharCode(...d.bytes.subarray(layer.start, Math.min(d.capturedEnd(layer), layer.start + 8)));
  if (!conversation) return { server, message: false, over: false };
  const state = own(conversation, STATE, (): State => ({ message: false, asked: false }));
  if (server) {
    if (state.asked && text.startsWith('354')) state.message = true;
    state.asked = false;
    return { server, message: false, over: false };
  }
  if (!state.message) {
    state.asked = /^data\r?\n/i.test(text);
    return { server, message: false, over: false };
  }
  const end = d.capturedEnd(layer);
  const tail = String.fromCharCode(...d.bytes.subarray(Math.max(layer.start, end - 5), end));
  const over = tail === '\r\n.\r\n' || (end - layer.start === 3 && tail === '.\r\n');
  if (over) state.message = false;
  return { server, message: true, over };
}

export const smtp: Protocol = protocol({
  name: 'smtp',
  column: 'SMTP',
  title: 'Simple Mail Transfer Protocol',
  tint: 'tcp',
  binds: { 'tcp.port': PORTS },
  fields: F,
  pdu: wholeLines,
  walk(d, layer) {
    layer.facts = track(d, layer);
    layer.headerLength = d.capturedEnd(layer) - layer.start;
    return undefined;
  },
  info(d, layer) {
    const { server, message } = layer.facts as Facts;
    if (message)
      return `C: DATA fragment, ${d.capturedEnd(layer) - layer.start} byte${d.capturedEnd(layer) - layer.start === 1 ? '' : 's'}`;
    const said: string[] = [];
    for (const { text } of lines(d, layer, NONE)) said.push(server && said.length > 0 ? text.slice(4) : text);
    return `${server ? 'S' : 'C'}: ${said.join(' | ')}`;
  },
  emit(d, layer, out) {
    const { server, message, over } = layer.facts as Facts;
    const at = layer.start;
    if (message) {
      for (const { text, start, total } of lines(d, layer, out)) {
        if (over && text === '.' && start + total === d.capturedEnd(layer))
          out.value(F.eom, start, total, null, { label: 'C: .' });
        else out.value(F.message, start, total, `${text}\r\n`, { label: `Message: ${text}\\r\\n` });
      }
      return;
    }
    out.value(server ? F.response : F.request, at, 0, true, { generated: true });
    for (const { text, start, length, total } of lines(d, layer, out)) {
      if (server) {
        const code = /^(\d{3})[ -]?/.exec(text);
        if (start > at) {
          if (code && length > 4) out.value(F.responseText, start + 4, length - 4, text.slice(4));
          continue;
        }
        out.open(F.responseLine, start, total, `${text}\r\n`, { label: `Response: ${text}\\r\\n` });
        if (code) out.value(F.code, start, 3, Number(code[1]));
        if (code && length > 4) out.value(F.responseText, start + 4, length - 4, text.slice(4));
        out.close();
      } else {
        const command = text.slice(0, 4);
        out.open(F.commandLine, start, total, `${text}\r\n`, { label: `Command Line: ${text}\\r\\n` });
        out.value(F.command, start, Math.min(4, length), command);
        if (length > 5) out.value(F.parameter, start + 5, length - 5, text.slice(5));
        out.close();
      }
    }
  },
});

const NONE: Parameters<Protocol['emit']>[2] = {
  item() {},
  value() {},
  asks: () => false,
  open() {},
  close() {},
  within() {},
  hidden() {},
};
