/** `sender.ts ADDRESS`: numbered datagrams at a steady pace; prints when each was sent, ms since the epoch, as one JSON array. */
import { createSocket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';

export const FIRST_PORT = 20_000;
export const COUNT = 500;
const EVERY_MS = 20;

if (import.meta.main) {
  const socket = createSocket('udp4');
  const sentAt: number[] = [];
  const start = performance.now();
  for (let n = 0; n < COUNT; n++) {
    await sleep(Math.max(0, start + n * EVERY_MS - performance.now()));
    await new Promise<void>((resolve, reject) => {
      sentAt.push(performance.timeOrigin + performance.now());
      socket.send('0123456789', FIRST_PORT + n, process.argv[2], (error) => (error ? reject(error) : resolve()));
    });
  }
  socket.close();
  process.stdout.write(JSON.stringify(sentAt));
}
