/** `answer`: UDP and TCP servers. `talk ADDRESS`: ten datagrams and three short TCP connections a second. Until standard input ends, as it does with the specs. */
import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const UDP = 7777;
const TCP = 8080;
const [role, address = ''] = process.argv.slice(2);
process.stdin.on('close', () => process.exit(0)).resume();

if (role === 'answer') {
  createSocket('udp4').bind(UDP);
  createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => socket.end(data));
  }).listen(TCP);
} else {
  const udp = createSocket('udp4');
  for (let n = 0; ; n++) {
    udp.send('123456789', UDP, address);
    if (n % 3 === 0) {
      const socket = connect(TCP, address, () => socket.write('x'.repeat(2000)));
      socket.on('error', () => {});
      socket.resume();
    }
    await sleep(100);
  }
}
