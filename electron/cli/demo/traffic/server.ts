/** The b side: a name server, a web server, a time server, a chat and a bulk sender, all on real sockets over both families. */
import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { dnsAnswer } from '../frames/dns.ts';
import { ETHERTYPE, ethernet, ipv4, PROTOCOL, pattern, udp } from '../frames/index.ts';
import { type Plan, PORT } from '../plan.ts';
import type { FrameSender } from './frame-sender.ts';
import { between, repeat } from './pace.ts';

/** A dual-stack UDP server; `answer` returns the reply or nothing. */
async function udpServer(port: number, answer: (message: Uint8Array) => Uint8Array | undefined): Promise<void> {
  for (const type of ['udp4', 'udp6'] as const) {
    const socket = createSocket({ type, ipv6Only: type === 'udp6' });
    socket.on('message', (message: Uint8Array, from: RemoteInfo) => {
      const reply = answer(message);
      if (reply) socket.send(reply, from.port, from.address, () => {});
    });
    socket.on('error', () => {});
    socket.bind(port);
    await once(socket, 'listening');
  }
}

async function tcpServer(port: number, serve: (socket: Socket) => void): Promise<void> {
  const server = createServer({ allowHalfOpen: false }, (socket) => {
    socket.on('error', () => {}); // clients that reset are part of the show
    serve(socket);
  });
  server.listen(port, '::');
  await once(server, 'listening');
}

/** Names that end in ".missing" do not exist; AAAA questions (type 28, before the class at the end) get an IPv6 address. */
function answerQuery(query: Uint8Array): Uint8Array | undefined {
  if (query.length < 17) return undefined;
  const type = query.at(-3);
  if (new TextDecoder('latin1').decode(query).includes('\x07missing\0')) return dnsAnswer(query, []);
  return dnsAnswer(query, type === 28 ? ['fd42::2'] : ['10.42.0.2', '10.42.0.3']);
}

function serveWeb(socket: Socket): void {
  socket.once('data', (request) => {
    const path = /^\w+ (\S+)/.exec(request.toString('latin1'))?.[1] ?? '/';
    const found = path !== '/missing';
    const body = Buffer.alloc(found ? Math.round(between(200, 6000)) : 0, '<p>xdpeek demo</p>\n');
    const status = found ? '200 OK' : '404 Not Found';
    socket.end(
      `HTTP/1.1 ${status}\r\nServer: xdpeek-demo\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    );
  });
}

/** About half a Mbit/s for as long as the client stays. */
function serveBulk(socket: Socket): void {
  const chunk = Buffer.from(pattern(1400));
  const timer = setInterval(() => socket.writableLength === 0 && socket.write(chunk), 20);
  socket.on('close', () => clearInterval(timer));
  socket.resume();
}

/** Log lines in a tagged network: there is no 802.1Q device here, the tag is in the frame that we make. */
function sendTaggedLogs({ a, b }: Plan, sender: FrameSender): void {
  const ends = { source: '10.43.0.2', destination: '10.43.0.1' };
  let line = 0;
  repeat(
    () => 400,
    () => {
      const text = new TextEncoder().encode(`<134>1 demo-b xdpeek - - - message ${++line} in VLAN 100`);
      const packet = ipv4(
        { ...ends, protocol: PROTOCOL.udp },
        udp(ends, { sourcePort: PORT.syslog, destinationPort: PORT.syslog }, text),
      );
      const frame = ethernet(
        { source: b.mac, destination: a.mac, type: ETHERTYPE.ipv4, tags: [{ id: 100, priority: 3 }] },
        packet,
      );
      return sender.sendFrames({ ifname: b.ifname, frames: [frame] });
    },
  );
}

export async function startServer(plan: Plan, sender: FrameSender): Promise<void> {
  await udpServer(PORT.dns, answerQuery);
  await udpServer(PORT.ntp, (request) =>
    request.length === 48 ? Uint8Array.from(request, (byte, i) => (i === 0 ? 0x24 : byte)) : undefined,
  );
  await udpServer(PORT.rtp, () => undefined);
  await tcpServer(PORT.http, serveWeb);
  await tcpServer(PORT.bulk, serveBulk);
  await tcpServer(PORT.chat, (socket) => socket.pipe(socket));
  sendTaggedLogs(plan, sender);
}
