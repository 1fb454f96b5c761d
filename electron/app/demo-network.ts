/**
 * `--demo`: the demo network as a child of the app (`xdpeek demo`), as root directly and through pkexec otherwise. The
 * child removes everything it made when its stdin closes or it is told to stop, so it cannot outlive the app.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Layout } from './layout.ts';

export class DemoNetwork {
  readonly #child: ChildProcess;
  readonly #gone: Promise<void>;

  /** @param onFailed called with words when the demo ends by itself. */
  constructor({ node, outside }: Layout, onFailed: (reason: string) => void) {
    const command = [node, join(outside, 'cli', 'main.mjs'), 'demo'];
    const [program, ...args] = process.getuid?.() === 0 ? command : ['pkexec', ...command];
    let stderr = '';
    this.#child = spawn(program as string, args, { stdio: ['pipe', 'ignore', 'pipe'] });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString('utf8')).slice(-2000);
    });
    let stopping = false;
    this.#child.stdin
      ?.on('error', () => {})
      .once('close', () => {
        stopping = true;
      });
    this.#gone = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        resolve();
        onFailed(error.message);
      });
      this.#child.once('exit', (code) => {
        resolve();
        if (code !== 0 && !stopping) onFailed(stderr.trim() || `xdpeek demo ended with status ${code}`);
      });
    });
  }

  /** Resolves when the network is removed, or after 5 s. */
  async stop(): Promise<void> {
    this.#child.stdin?.end();
    this.#child.kill('SIGTERM');
    await Promise.race([this.#gone, new Promise((resolve) => setTimeout(resolve, 5000))]);
  }
}
