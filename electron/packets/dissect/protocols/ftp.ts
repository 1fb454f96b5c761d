/** File Transfer Protocol's control connection (RFC 959). */
import { f, protocol } from '../define.ts';
import type { Protocol } from '../dissection.ts';
import { GROUP } from '../field.ts';
import { firstLine, fromServer, lines, wholeLines } from './text-lines.ts';

const PORT = 21;
const CODES: Record<number, string> = {
  110: 'Restart marker reply',
  120: 'Service ready in nnn minutes',
  125: 'Data connection already open; transfer starting',
  150: 'File status okay; about to open data connection',
  200: 'Command okay',
  202: 'Command not implemented, superfluous at this site',
  211: 'System status, or system help reply',
  212: 'Directory status',
  213: 'File status',
  214: 'Help message',
  215: 'NAME system type',
  220: 'Service ready for new user',
  221: 'Service closing control connection',
  225: 'Data connection open; no transfer in progress',
  226: 'Closing data connection',
  227: 'Entering Passive Mode',
  229: 'Entering Extended Passive Mode',
  230: 'User logged in, proceed',
  234: 'Security data exchange complete',
  250: 'Requested file action okay, completed',
  257: 'PATHNAME created',
  331: 'User name okay, need password',
  332: 'Need account for login',
  350: 'Requested file action pending further information',
  421: 'Service not available, closing control connection',
  425: "Can't open data connection",
  426: 'Connection closed; transfer aborted',
  450: 'Requested file action not taken',
  500: 'Syntax error, command unrecognized',
  501: 'Syntax error in parameters or arguments',
  502: 'Command not implemented',
  503: 'Bad sequence of commands',
  504: 'Command not implemented for that parameter',
  530: 'Not logged in',
  550: 'Requested action not taken: File unavailable',
  553: 'Requested action not taken: File name not allowed',
};
const F = {
  request: { ...f.flag('ftp.request', 'Request'), bits: 0 },
  response: { ...f.flag('ftp.response', 'Response'), bits: 0 },
  command: f.text('ftp.request.command', 'Request command'),
  argument: f.text('ftp.request.arg', 'Request arg'),
  code: f.u32('ftp.response.code', 'Response code', { names: CODES }),
  text: f.text('ftp.response.arg', 'Response arg'),
  passiveIp: f.ip4('ftp.passive.ip', 'Passive IP address'),
  passivePort: f.u16('ftp.passive.port', 'Passive port'),
  activeIp: f.ip4('ftp.active.cip', 'Active IP address'),
  activePort: f.u16('ftp.active.port', 'Active port'),
  extendedPort: f.u16('ftp.epsv.port', 'Extended passive port'),
};

export const ftp: Protocol = protocol({
  name: 'ftp',
  column: 'FTP',
  title: 'File Transfer Protocol (FTP)',
  tint: 'tcp',
  binds: { 'tcp.port': [PORT] },
  fields: F,
  pdu: wholeLines,
  info: (d, layer) => `${fromServer(d, layer, [PORT]) ? 'Response' : 'Request'}: ${firstLine(d, layer)}`,
  emit(d, layer, out) {
    const server = fromServer(d, layer, [PORT]);
    let first = true;
    for (const { text, start, length, total } of lines(d, layer, out)) {
      out.open(GROUP, start, total, null, { label: `${text}\\r\\n` });
      const [head, argument] = split(text);
      if (!first) {
        out.close();
        continue;
      }
      first = false;
      if (server) {
        const code = /^(\d{3})[ -]/.exec(text);
        if (code) out.value(F.code, start, 3, Number(code[1]));
        const from = code ? 4 : 0;
        if (text.length > from) out.value(F.text, start + from, length - from, text.slice(from));
        endpoint(text, code?.[1], start, length, out);
      } else {
        out.value(F.command, start, head.length, head);
        if (argument !== undefined) out.value(F.argument, start + head.length + 1, argument.length, argument);
        const port = head === 'PORT' && /^(\d+,\d+,\d+,\d+),(\d+),(\d+)$/.exec(argument ?? '');
        if (port) {
          out.value(F.activeIp, start + 5, port[1]!.length, port[1]!.replaceAll(',', '.'));
          out.value(
            F.activePort,
            start + 6 + port[1]!.length,
            port[2]!.length + 1 + port[3]!.length,
            Number(port[2]) * 256 + Number(port[3]),
          );
        }
      }
      out.close();
    }
    const at = layer.start;
    out.value(F.request, at, 0, !server);
    out.value(F.response, at, 0, server);
  },
});

function split(text: string): [string, string | undefined] {
  const space = text.indexOf(' ');
  return space < 0 ? [text, undefined] : [text.slice(0, space), text.slice(space + 1)];
}

function endpoint(
  text: string,
  code: string | undefined,
  start: number,
  length: number,
  out: Parameters<Protocol['emit']>[2],
): void {
  const passive = code === '227' && /(\d+),(\d+),(\d+),(\d+),(\d+),(\d+)/.exec(text);
  if (passive) {
    const at = start + passive.index;
    const address = passive.slice(1, 5).join('.');
    out.value(F.passiveIp, at, address.length, address);
    out.value(
      F.passivePort,
      at + address.length + 1,
      Math.max(0, length - passive.index - address.length - 1),
      Number(passive[5]) * 256 + Number(passive[6]),
    );
  }
  const extended = code === '229' && /\(\|\|\|(\d+)\|\)/.exec(text);
  if (extended) out.value(F.extendedPort, start + extended.index + 4, extended[1]!.length, Number(extended[1]));
}
