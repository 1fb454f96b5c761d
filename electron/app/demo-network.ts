/**
 * The demo network as a child of the app (`xdpeek demo`), as root directly and through pkexec otherwise. The child removes
 * everything it made when its stdin closes (it may be root's, which we cannot signal), so it cannot outlive the app.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { XdpeekError } from '../shared/errors.ts';
import type { Layout } from './layout.ts';

const STOP_MS = 5000;
const STDERR_KEPT = 2000;

export class DemoNetwork {
  readonly #command: readonly string[];
  readonly #onChange: (running: boolean) => void;
  #child: ChildProcess | undefined;
  #up: Promise<void> | undefined;

  /** @param onChange called when the network is up, and when it is gone. */
  constructor({ node, outside }: Layout, onChange: (running: boolean) => void) {
    const command = [node, join(outside, 'cli', 'main.mjs'), 'demo'];
    this.#command = process.getuid?.() === 0 ? command : ['/usr/bin/pkexec', ...command];
    this.#onChange = onChange;
  }

  /** Resolves when the network is up; rejects with what the child said. Does nothing while it runs. */
  start(): Promise<void> {
    this.#up ??= this.#spawn();
    return this.#up;
  }

  /** Resolves when the network is removed, or after 5 s. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.stdin?.end();
    child.kill('SIGTERM');
    await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, STOP_MS))]);
  }

  #spawn(): Promise<void> {
    const [program = '', ...args] = this.#command;
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    child.stdin.on('error', () => {});
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-STDERR_KEPT);
    });
    return new Promise((resolve, reject) => {
      // The first line it prints says that the network is up.
      child.stdout.once('data', () => {
        this.#onChange(true);
        resolve();
      });
      child.stdout.resume();
      child.once('error', (error) => this.#ended(error.message, reject));
      child.once('close', (code) => this.#ended(stderr.trim() || `xdpeek demo ended with status ${code}`, reject));
    });
  }

  #ended(message: string, reject: (error: Error) => void): void {
    this.#child = undefined;
    this.#up = undefined;
    this.#onChange(false);
    reject(new XdpeekError({ code: 'DEMO', message }));
  }
}
