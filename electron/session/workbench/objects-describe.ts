/** Object files opened in a process of their own (objects-describe-main.ts), and what it says of them. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { type ErrorData, XdpeekError } from '../../shared/errors.ts';
import type { Base64 } from '../../shared/workbench.ts';
import { findLayout } from '../layout.ts';

/** As it crosses the pipe: what describeObject of native/index.d.ts says. */
export interface DescribedObject {
  programs: { name: string; section: string; type: string; attach: string; instructions: number }[];
  maps: {
    name: string;
    type: string;
    keyBytes: number;
    valueBytes: number;
    maxEntries: number;
    keyTypeId: number;
    valueTypeId: number;
  }[];
  sections: { name: string; data: Base64; constant: boolean }[];
  btf: Base64;
}
export type DescribeAnswer = { object: DescribedObject } | { error: ErrorData };

const SCRIPT = 'session/describe-object.mjs';
/** libbpf takes milliseconds for real objects; a hostile one may send it in circles. */
const LIMIT_MS = 15_000;
const MAX_ANSWER_BYTES = 128 << 20;

export async function describe(bytes: Uint8Array): Promise<DescribedObject> {
  const { node, dist } = findLayout();
  const child = spawn(node, [path.join(dist, SCRIPT)], { env: {}, cwd: '/', stdio: ['pipe', 'pipe', 'ignore'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  const pieces: Buffer[] = [];
  let length = 0;
  child.stdin.on('error', () => {}); // it ended before it had read all: its exit tells
  child.stdin.end(bytes);
  child.stdout.on('data', (piece: Buffer) => {
    length += piece.length;
    if (length > MAX_ANSWER_BYTES) child.kill('SIGKILL');
    else pieces.push(piece);
  });
  const status = await new Promise<number | string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(signal ?? code ?? 0));
  }).finally(() => clearTimeout(timer));
  if (status !== 0)
    throw new XdpeekError({
      code: 'FORMAT',
      message: `this object cannot be opened: libbpf ended with ${status} over it`,
      hint: 'Check that it is whole, and compiled with a current clang (-O2 -g -target bpf).',
    });
  const answer = JSON.parse(Buffer.concat(pieces).toString()) as DescribeAnswer;
  if ('error' in answer) throw new XdpeekError(answer.error);
  return answer.object;
}
