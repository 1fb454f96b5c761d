/** Sockets that programs go with, in a process of their own: see socket-helper.c, compiled at first use. */
import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { eventually, run, start } from './process.ts';

const source = path.join(import.meta.dirname, 'socket-helper.c');
const binary = path.resolve(import.meta.dirname, '../../output/socket-helper');

async function helper(): Promise<string> {
  if (!existsSync(binary) || statSync(binary).mtimeMs < statSync(source).mtimeMs) {
    mkdirSync(path.dirname(binary), { recursive: true });
    const fresh = `${binary}.${process.pid}`;
    await run('cc', ['-O2', '-Wall', '-Wextra', '-Werror', '-o', fresh, source]);
    renameSync(fresh, binary); // whole or not at all: another test may be about to run it
  }
  return binary;
}

export interface HelperSocket {
  /** What came, one line each. */
  lines(): string[];
  /** Waits for so many lines. */
  took(count: number): Promise<string[]>;
  end(): Promise<void>;
}

async function listening(netns: string, args: readonly string[]): Promise<HelperSocket> {
  const running = start(await helper(), args, { netns });
  await running.waitFor(/ready\n/);
  const lines = () => running.stdout().split('\n').slice(1, -1);
  return {
    lines,
    async took(count) {
      await eventually(`${count} came to the socket`, () => lines().length >= count);
      return lines();
    },
    async end() {
      running.child.stdin?.end();
      await running.ended;
    },
  };
}

/** An AF_XDP socket on a queue, in the XSKMAP `mapId`. */
export const xskSocket = (at: { netns: string; ifname: string }, queue: number, mapId: number) =>
  listening(at.netns, ['xsk', at.ifname, `${queue}`, `${mapId}`]);

/** A UDP socket of both families on every address, with the pinned filter on it. */
export const filteredUdpSocket = (netns: string, port: number, pin: string) =>
  listening(netns, ['udp', `${port}`, pin]);
