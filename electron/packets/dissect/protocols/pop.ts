/** Post Office Protocol 3 (RFC 1939). */
import { f, protocol } from '../define.ts';
import type { Protocol } from '../dissection.ts';
import { firstLine, fromServer, lines, wholeLines } from './text-lines.ts';

const PORTS = [110];
const F = {
  response: f.text('pop.response', 'Response'),
  indicator: f.text('pop.response.indicator', 'Response indicator'),
  description: f.text('pop.response.description', 'Response description'),
  data: f.text('pop.response.data', 'Data'),
  request: f.text('pop.request', 'Request'),
  command: f.text('pop.request.command', 'Request command'),
  parameter: f.text('pop.request.parameter', 'Request parameter'),
};

export const pop: Protocol = protocol({
  name: 'pop',
  column: 'POP',
  title: 'Post Office Protocol',
  tint: 'tcp',
  binds: { 'tcp.port': PORTS },
  fields: F,
  pdu: wholeLines,
  info: (d, layer) => `${fromServer(d, layer, PORTS) ? 'S' : 'C'}: ${firstLine(d, layer)}`,
  emit(d, layer, out) {
    const server = fromServer(d, layer, PORTS);
    let first = true;
    for (const { text, start, length, total } of lines(d, layer, out)) {
      const whole = { label: `${text}\\r\\n` };
      // Of an answer over several lines only the first has a status; what a server sends on is data.
      if (!first || (server && !/^[+-]/.test(text))) {
        out.value(server ? F.data : F.request, start, total, `${text}\r\n`, whole);
        first = false;
        continue;
      }
      first = false;
      const space = text.indexOf(' ');
      const word = space < 0 ? text : text.slice(0, space);
      out.open(server ? F.response : F.request, start, total, `${text}\r\n`, whole);
      out.value(server ? F.indicator : F.command, start, word.length, word);
      if (space >= 0)
        out.value(server ? F.description : F.parameter, start + space + 1, length - space - 1, text.slice(space + 1));
      out.close();
    }
  },
});
