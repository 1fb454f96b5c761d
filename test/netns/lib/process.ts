/**
 * Running real programs for tests: to the end (`run`, which throws with the program's own words) or beside the test (`start`), in a
 * network namespace if one is named. `nsenter` rather than `ip netns exec`: the latter hides /sys/fs/bpf and remounts /sys.
 * Nothing started here outlives the test process.
 */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';

export interface RunResult {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  /** Name under /run/netns. */
  netns?: string | undefined;
  /** Text for standard input. */
  input?: string;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Milliseconds until SIGKILL; 60,000 if not given. */
  timeoutMs?: number;
}

function commandLine(netns: string | undefined, command: string, args: readonly string[]): [string, string[]] {
  return netns ? ['nsenter', [`--net=/run/netns/${netns}`, '--', command, ...args]] : [command, [...args]];
}

/** Sanitizers are preloaded into Node (scripts/sanitize.mjs); other programs did not ask for them, and capinfos never ends with them. */
function withoutPreload(words: readonly string[], env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (env['LD_PRELOAD'] === undefined || words.includes(process.execPath)) return env;
  const { LD_PRELOAD: _, ...rest } = env;
  return rest;
}

const living = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

function spawnTracked(netns: string | undefined, command: string, args: readonly string[], options: SpawnOptions) {
  const child = spawn(...commandLine(netns, command, args), {
    stdio: 'pipe',
    ...options,
    env: withoutPreload([command, ...args], options.env ?? process.env),
  });
  living.add(child);
  child.on('close', () => living.delete(child));
  child.on('error', () => living.delete(child));
  return child;
}

/** Runs to the end and returns whatever happened. */
export async function attempt(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { netns, input = '', env, cwd, timeoutMs = 60_000 } = options;
  const child = spawnTracked(netns, command, args, { ...(env && { env }), ...(cwd && { cwd }) });
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin?.on('error', () => {}); // a program that ends without reading its input is no failure of ours
  child.stdin?.end(input);
  try {
    return await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
    });
  } finally {
    clearTimeout(timer);
  }
}

/** Runs to the end; a status other than 0 throws with what the program said. Returns standard output. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const result = await attempt(command, args, options);
  if (result.status !== 0)
    throw new Error(
      `${command} ${args.join(' ')} ended with ${result.signal ?? result.status}: ${(result.stderr || result.stdout).trim()}`,
    );
  return result.stdout;
}

export interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Everything it has written so far. */
  stdout(): string;
  stderr(): string;
  /** Resolves when the output so far (both streams) matches; rejects when the process ends or time runs out first. */
  waitFor(pattern: RegExp, timeoutMs?: number): Promise<void>;
  readonly ended: Promise<RunResult>;
  /** Sends the signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<RunResult>;
}

/**
 * Starts a program that runs beside the test. `nsenter` execs it: the pid is the program's own. Standard output is text unless
 * `onStdout` takes it as bytes.
 */
export function start(
  command: string,
  args: readonly string[],
  options: Omit<RunOptions, 'input' | 'timeoutMs'> & { onStdout?: (bytes: Uint8Array) => void } = {},
): Running {
  const { netns, env, cwd, onStdout } = options;
  const child = spawnTracked(netns, command, args, { ...(env && { env }), ...(cwd && { cwd }) });
  let stdout = '';
  let stderr = '';
  const checks = new Set<() => void>();
  const changed = () => {
    for (const check of checks) check();
  };
  if (onStdout) child.stdout?.on('data', onStdout);
  else
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      changed();
    });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    changed();
  });
  const ended = new Promise<RunResult>((resolve) => {
    child.on('error', (error) => resolve({ status: 127, signal: null, stdout, stderr: `${stderr}${error.message}` }));
    child.on('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
  return {
    child,
    pid: child.pid ?? -1,
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    waitFor(pattern, timeoutMs = 30_000) {
      return new Promise((resolve, reject) => {
        const said = () => `${command} said: ${stdout}${stderr}`;
        const finish = (settle: () => void) => {
          clearTimeout(timer);
          checks.delete(check);
          settle();
        };
        const check = () => {
          if (pattern.test(stdout) || pattern.test(stderr)) finish(resolve);
        };
        const timer = setTimeout(
          () => finish(() => reject(new Error(`no ${pattern} within ${timeoutMs} ms; ${said()}`))),
          timeoutMs,
        );
        checks.add(check);
        ended.then(() => finish(() => reject(new Error(`ended before ${pattern}; ${said()}`))));
        check();
      });
    },
    async stop(signal = 'SIGINT') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      return ended;
    },
  };
}

/** Polls until `condition` is true; fails with `what` when it never is. */
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 20_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * While `work` goes on, the threads of this process have CPU 0 alone, that of the packet generator: with a generator that goes `first` they cannot
 * keep up with it, on a machine of any speed.
 */
export async function onOneCpu<T>(work: () => Promise<T>): Promise<T> {
  const all = (cpus: string) => run('taskset', ['-a', '-c', '-p', cpus, `${process.pid}`]);
  const before = (await run('taskset', ['-c', '-p', `${process.pid}`])).replace(/^.*: /s, '').trim();
  await all('0');
  try {
    return await work();
  } finally {
    await all(before);
  }
}
