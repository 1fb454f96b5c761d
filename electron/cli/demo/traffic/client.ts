/** The a side: everything that asks. Modest on purpose: some hundred packets a second, rising and falling, with bursts. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { connect, type Socket } from 'node:net';
import { DNS_TYPE, dnsQuery } from '../frames/dns.ts';
import { pattern } from '../frames/index.ts';
import { BROADCAST_V4, NOBODY_V4, type Plan, PORT } from '../plan.ts';
import { sendEchoes, sendTagged } from './crafted.ts';
import type { FrameSender } from './frame-sender.ts';
import { between, load, pick, repeat } from './pace.ts';

const PAGES = ['/', '/index.html', '/style.css', '/app.js', '/api/flows?limit=20', '/logo.png', '/missing'];
const NAMES = ['www.demo.example', 'api.demo.example', 'mail.demo.example', 'cdn.demo.example', 'printer.missing'];

function dial(host: string, port: number): Socket {
  const socket = connect({ host, port });
  socket.setTimeout(10_000, () => socket.destroy());
  socket.on('error', () => {}); // refused and reset connections are meant to happen
  return socket;
}

/** One request a connection; one in twelve is broken off with a reset before the answer is complete. */
function browse(host: string): void {
  const socket = dial(host, PORT.http);
  const impatient = Math.random() < 1 / 12;
  socket.on('connect', () => {
    socket.write(
      `GET ${pick(PAGES)} HTTP/1.1\r\nHost: www.demo.example\r\nUser-Agent: xdpeek-demo\r\nAccept: */*\r\n\r\n`,
    );
    if (impatient) socket.once('data', () => socket.resetAndDestroy());
  });
  socket.resume();
}

/** A download that goes on for a minute or two, then starts again. */
function download(host: string): void {
  const socket = dial(host, PORT.bulk);
  const timer = setTimeout(() => socket.end().destroySoon(), between(60_000, 120_000));
  socket.on('close', () => {
    clearTimeout(timer);
    setTimeout(download, between(500, 3000), host);
  });
  socket.resume();
}

/** A connection that stays, with a short message now and then. */
function chat(host: string): void {
  const socket = dial(host, PORT.chat);
  socket.setTimeout(0);
  const timer = setInterval(() => socket.write(`<message>${'.'.repeat(between(4, 60))}</message>\n`), 700);
  socket.on('close', () => {
    clearInterval(timer);
    setTimeout(chat, 2000, host);
  });
  socket.resume();
}

/** A call's worth of datagrams for a second or two, 1200 bytes each, in small packs because timers are coarse. */
function burst(socket: UdpSocket, host: string): void {
  const untilMs = performance.now() + between(800, 2200);
  const datagram = pattern(Math.round(between(300, 1200)));
  const timer = setInterval(() => {
    if (performance.now() > untilMs) return clearInterval(timer);
    for (let i = 0; i < 12; i++) socket.send(datagram, PORT.rtp, host, () => {});
  }, 12);
}

export async function startClient(plan: Plan, sender: FrameSender): Promise<void> {
  const { b } = plan;
  const udp4 = createSocket('udp4').on('error', () => {});
  const udp6 = createSocket('udp6').on('error', () => {});
  udp4.bind(() => udp4.setBroadcast(true));
  const ask = (socket: UdpSocket, host: string) => {
    const query = dnsQuery(Math.floor(between(0, 65536)), pick(NAMES), pick([DNS_TYPE.a, DNS_TYPE.aaaa]));
    socket.send(query, PORT.dns, host, () => {});
  };
  const busy = (averageMs: number) => () => averageMs / load();

  repeat(busy(60), () => browse(b.ipv4));
  repeat(busy(150), () => browse(b.ipv6));
  repeat(
    () => 1500,
    () => dial(b.ipv4, PORT.closed),
  );
  repeat(
    () => 4000,
    () => dial(b.ipv6, PORT.closed),
  );
  repeat(busy(60), () => ask(udp4, b.ipv4));
  repeat(busy(200), () => ask(udp6, b.ipv6));
  repeat(
    () => 4000,
    () =>
      udp4.send(
        Uint8Array.from({ length: 48 }, (_, i) => (i === 0 ? 0x23 : 0)),
        PORT.ntp,
        b.ipv4,
        () => {},
      ),
  );
  repeat(
    () => 5000,
    () => udp4.send('who is there?', PORT.syslog, BROADCAST_V4, () => {}),
  );
  repeat(
    () => 6000,
    () => udp4.send('nobody home', PORT.syslog, NOBODY_V4, () => {}),
  );
  repeat(
    () => 15_000,
    () => burst(udp4, b.ipv4),
  );
  repeat(
    () => 37_000,
    () => burst(udp6, b.ipv6),
  );
  download(b.ipv4);
  download(b.ipv6);
  chat(b.ipv4);
  sendEchoes(plan, sender);
  sendTagged(plan, sender);
}
