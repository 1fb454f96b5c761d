/**
 * The demo network: two namespaces joined by a veth pair, and two processes with real sockets that talk over it. Everything
 * goes when `stop` is called, when this process exits, and (the traffic processes see to it) when it is killed outright.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { XdpeekError } from '../../shared/errors.ts';
import { enterArguments, freePlan, makeNetwork, removeNetwork } from './namespaces.ts';
import type { Plan, Side } from './plan.ts';

export interface Demo {
  /** The interface to capture on. */
  ifname: string;
  /** Its network namespace. */
  netns: string;
  /** Ends the traffic and removes the network. Idempotent. */
  stop(): Promise<void>;
}

const READY_MS = 15_000;
const END_MS = 2000;

/** Beside this file in the sources; from the bundle, in dist/cli (this code may sit in its chunks folder). */
function trafficProgram(): string {
  const here = import.meta.dirname;
  const candidates = ['traffic-main.ts', 'demo-traffic.mjs', '../demo-traffic.mjs'].map((name) =>
    path.join(here, name),
  );
  const found = candidates.find((file) => existsSync(file));
  if (found) return found;
  throw new XdpeekError({
    code: 'ENOENT',
    message: 'cannot start the demo: its traffic program is missing from this installation',
    hint: 'From a checkout, build it: npm run setup.',
  });
}

/** Starts one side's traffic and waits until it says that it is ready. */
async function startTraffic(plan: Plan, side: Side, role: 'client' | 'server'): Promise<ChildProcess> {
  const args = [trafficProgram(), role, plan.a.netns];
  // A session of its own: Ctrl-C in the terminal is for us; the child ends when its standard input does.
  const child = spawn('nsenter', enterArguments(side, process.execPath, args), { stdio: 'pipe', detached: true });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-2000);
  });
  child.stdin.on('error', () => {});
  try {
    await new Promise<void>((resolve, reject) => {
      const failed = (why: string) =>
        reject(new XdpeekError({ code: 'DEMO', message: `cannot start the demo's traffic: ${stderr.trim() || why}` }));
      const timer = setTimeout(() => failed(`no answer in ${READY_MS / 1000} s`), READY_MS);
      child.stdout.once('data', () => resolve()).resume();
      child.once('error', (error) => failed(error.message));
      child.once('close', (status) => failed(`it ended with status ${status}`));
      child.once('close', () => clearTimeout(timer));
      child.stdout.once('data', () => clearTimeout(timer));
    });
    return child;
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

async function endTraffic(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.stdin?.end();
  const timer = setTimeout(() => child.kill('SIGKILL'), END_MS);
  await gone;
  clearTimeout(timer);
}

/** Needs root: it makes network namespaces. Rejects with what was missing; then nothing is left behind. */
export async function startDemo(): Promise<Demo> {
  if (process.getuid?.() !== 0)
    throw new XdpeekError({
      code: 'EPERM',
      message: 'cannot make the demo network: network namespaces need root',
      hint: 'Run it with sudo, or start the demo from the window, which asks for the password.',
    });
  const plan = await freePlan();
  await makeNetwork(plan);
  const children: ChildProcess[] = [];
  const atExit = () => {
    for (const child of children) child.kill('SIGKILL');
    removeNetwork(plan);
  };
  process.on('exit', atExit);
  let stopping: Promise<void> | undefined;
  const end = async () => {
    await Promise.all(children.map(endTraffic));
    removeNetwork(plan);
    process.off('exit', atExit);
  };
  const stop = () => {
    stopping ??= end();
    return stopping;
  };
  try {
    children.push(await startTraffic(plan, plan.b, 'server'));
    children.push(await startTraffic(plan, plan.a, 'client'));
  } catch (error) {
    await stop();
    throw error;
  }
  return { ifname: plan.a.ifname, netns: plan.a.netns, stop };
}
