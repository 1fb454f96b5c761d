/** Who is compared: each captures everything on one interface into a file. One CPU, the same buffer, whole packets. */
import path from 'node:path';

export const XDPEEK = path.resolve(import.meta.dirname, '../../../dist/cli/main.mjs');

export interface Side {
  name: string;
  /** The command, run in the namespace of the interface. */
  command(ifname: string, file: string): [string, ...string[]];
  /** It has said that it listens. */
  ready: RegExp;
  /** ms between the last packet and the end: tcpdump's last block comes up to a second late. */
  lingerMs: number;
}

const BUFFER_MIB = 64;

export function xdpeek(name: string, ...options: string[]): Side {
  return {
    name,
    command: (ifname, file) => [process.execPath, XDPEEK, 'dump', '-i', ifname, '-w', file, ...options],
    ready: /watching /,
    lingerMs: 300,
  };
}

export const SIDES: readonly Side[] = [
  {
    name: 'tcpdump',
    command: (ifname, file) => [
      ...(['tcpdump', '-i', ifname, '-n', '-p', '-Z', 'root'] as const),
      ...['-B', `${BUFFER_MIB * 1024}`, '-s', '262144', '-w', file],
    ],
    ready: /listening on/,
    lingerMs: 1300,
  },
  xdpeek('xdpeek', '-B', `${BUFFER_MIB}M`),
  xdpeek('xdpeek ring', '--buffer', 'ring', '-B', `${BUFFER_MIB}M`),
  xdpeek('xdpeek perf', '--buffer', 'perf', '-B', `${BUFFER_MIB / 2}M`),
  {
    name: 'dumpcap',
    command: (ifname, file) => ['dumpcap', '-i', ifname, '-p', '-B', `${BUFFER_MIB}`, '-w', file],
    ready: /Capturing on|File: /,
    lingerMs: 1300,
  },
  {
    name: 'xdpdump',
    command: (ifname, file) => ['xdpdump', '-i', ifname, '--load-xdp-program', '-w', file],
    ready: /listening on/,
    lingerMs: 800,
  },
];
