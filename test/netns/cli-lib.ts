/** Runs the built command line as a person would: dist/cli/main.mjs on the product's Node, in a namespace if one is named. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { addon } from './lib/addon.ts';
import { type CapturedPacket, readPcap } from './lib/ground-truth.ts';
import { attempt, eventually, type Running, type RunResult, run, start } from './lib/process.ts';

export const MAIN = path.resolve(import.meta.dirname, '../../dist/cli/main.mjs');

export function xdpeek(args: readonly string[], options: { netns?: string; input?: string } = {}): Promise<RunResult> {
  return attempt(process.execPath, [MAIN, ...args], options);
}

/** As user nobody, who may attach nothing. */
export function xdpeekAsNobody(args: readonly string[]): Promise<RunResult> {
  const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=-all', '--ambient-caps=-all'];
  return attempt('setpriv', [...nobody, process.execPath, MAIN, ...args]);
}

/** Starts a capture and resolves once it is attached. */
export async function capturing(args: readonly string[], netns?: string): Promise<Running> {
  const running = start(process.execPath, [MAIN, ...args], netns === undefined ? {} : { netns });
  await running.waitFor(/watching /);
  return running;
}

/** Fails unless nothing at all is attached to the interface any more (XDP, TCX, clsact). */
export async function nothingAttached(netns: string, ifname: string): Promise<void> {
  const attached = () => addon.interfaces(netns).find((info) => info.ifname === ifname)?.attached ?? [];
  await eventually('nothing is attached', () => attached().length === 0).catch(() => assert.deepEqual(attached(), []));
}

export async function withFolder<T>(body: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), 'xl-'));
  try {
    return await body(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The packets of a pcapng file as tshark sees them; fails if tshark has anything to say about the file. */
export async function packetsByTshark(file: string): Promise<CapturedPacket[]> {
  const plain = `${file}.pcap`;
  const { status, stderr } = await attempt('tshark', ['-r', file, '-F', 'nsecpcap', '-w', plain]);
  // "Running as user root" is about the test, not about the file.
  assert.equal(stderr.replace(/^Running as user.*\n/gm, ''), '');
  assert.equal(status, 0);
  return readPcap(plain);
}

/** Fields of each packet by tshark, tab-separated. */
export async function tsharkFields(file: string, fields: readonly string[]): Promise<string[]> {
  const out = await run('tshark', ['-n', '-r', file, '-T', 'fields', ...fields.flatMap((field) => ['-e', field])]);
  return out.split('\n').slice(0, -1);
}

/** A TCP exchange between two namespaces over real sockets: connect, one request, one answer, close. */
export async function tcpExchange(client: string, server: string, address: string, bytes = 3000): Promise<void> {
  const listen = `const s = require('node:net').createServer((c) => c.once('data', () => c.end(Buffer.alloc(${bytes}, 'x'))));
    s.listen(7777, '${address}', () => console.log('listening')); s.on('connection', () => s.close());`;
  const ask = `const c = require('node:net').connect(7777, '${address}', () => c.write('GET'));
    c.on('data', () => {}); c.on('error', (e) => { console.error(e); process.exit(1); });`;
  const listener = start(process.execPath, ['-e', listen], { netns: server });
  await listener.waitFor(/listening/);
  await run(process.execPath, ['-e', ask], { netns: client });
  await listener.ended;
}
