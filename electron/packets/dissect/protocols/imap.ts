/** Internet Message Access Protocol (RFC 9051). */
import { f, protocol } from '../define.ts';
import type { Protocol } from '../dissection.ts';
import { fromServer, lastLine, lines, wholeLines } from './text-lines.ts';

const PORTS = [143];
const F = {
  isRequest: { ...f.flag('imap.isrequest', 'Request'), bits: 0 },
  line: f.text('imap.line', 'Line'),
  request: f.text('imap.request', 'Request'),
  requestTag: f.text('imap.request_tag', 'Request Tag'),
  requestCommand: f.text('imap.request.command', 'Request Command'),
  requestFolder: f.text('imap.request.folder', 'Request Folder'),
  user: f.text('imap.request.username', 'Request Username'),
  password: f.text('imap.request.password', 'Request Password'),
  uid: { ...f.flag('imap.request.command.uid', 'Request isUID'), bits: 0 },
  response: f.text('imap.response', 'Response'),
  responseTag: f.text('imap.response_tag', 'Response Tag'),
  responseStatus: f.text('imap.response.status', 'Response Status'),
  responseCommand: f.text('imap.response.command', 'Response Command'),
};
const WITH_FOLDER = /^(?:select|examine|create|delete|subscribe|unsubscribe|status|append)$/i;

export const imap: Protocol = protocol({
  name: 'imap',
  column: 'IMAP',
  title: 'Internet Message Access Protocol',
  tint: 'tcp',
  binds: { 'tcp.port': PORTS },
  fields: F,
  pdu: wholeLines,
  info: (d, layer) => `${fromServer(d, layer, PORTS) ? 'Response' : 'Request'}: ${lastLine(d, layer)}`,
  emit(d, layer, out) {
    const server = fromServer(d, layer, PORTS);
    let first = true;
    for (const { text, start, length, total } of lines(d, layer, out)) {
      out.open(F.line, start, total, `${text}\r\n`, { label: `Line: ${text}\\r\\n` });
      if (first) out.value(F.isRequest, start, 0, !server, { generated: true });
      first = false;
      const words = text.split(' ');
      const [tag = '', second] = words;
      if (server && (tag === '*' || tag === '+')) {
        out.close();
        continue;
      }
      out.value(server ? F.responseTag : F.requestTag, start, tag.length, tag);
      if (length > tag.length + 1) out.value(server ? F.response : F.request, start, length, text);
      if (second === undefined) {
        out.close();
        continue;
      }
      const after = start + tag.length + 1;
      if (server) {
        if (/^(?:OK|NO|BAD)$/i.test(second)) {
          out.value(F.responseStatus, after, second.length, second);
          const word = words[2];
          if (word !== undefined) out.value(F.responseCommand, after + second.length + 1, word.length, word);
        }
      } else {
        const uid = second.toLowerCase() === 'uid' && words[2] !== undefined;
        const command = uid ? words[2]! : second;
        const at = uid ? after + second.length + 1 : after;
        out.value(F.requestCommand, at, command.length, command);
        const next = at + command.length + 1;
        const argument = words[uid ? 3 : 2];
        if (WITH_FOLDER.test(command) && argument !== undefined)
          out.value(F.requestFolder, next, argument.length, argument.replace(/^"|"$/g, ''));
        if (/^login$/i.test(command) && argument !== undefined) {
          out.value(F.user, next, argument.length, argument.replace(/^"|"$/g, ''));
          const password = words[uid ? 4 : 3];
          if (password !== undefined)
            out.value(F.password, next + argument.length + 1, password.length, password.replace(/^"|"$/g, ''));
        }
        if (uid) out.value(F.uid, after, second.length, true);
      }
      out.close();
    }
  },
});
