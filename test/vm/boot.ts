/** One kernel booted under qemu (software emulation: the host may have no KVM), running tests of this checkout, told apart by name. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { makeInitramfs } from './image.ts';
import type { Kernel } from './kernels.ts';

export interface GuestResult {
  name: string;
  ms: number;
  error?: string;
}

export interface GuestRun {
  results: GuestResult[];
  /** Exit status of the test run; undefined when the guest ended before it did. */
  status: number | undefined;
  /** What else was on the serial port, the end of it. */
  log: string;
}

const LOG_KEPT = 20_000;

/** `tests` are paths in the checkout. `onLine` sees everything as it comes. */
export async function bootAndTest(
  kernel: Kernel,
  disk: string,
  tests: readonly string[],
  { timeoutMs = 900_000, onLine = (_: string): void => {} } = {},
): Promise<GuestRun> {
  const initramfs = await makeInitramfs(kernel);
  const child = spawn(
    'qemu-system-x86_64',
    [
      ...[
        '-accel',
        'tcg,thread=multi',
        // QEMU 7.2 emulates cmpxchg16b with rubbish in the flags register, now and then: a double fault in the kernel's allocator, which
        // uses it where it is there (`dmesg`: EFLAGS with its upper half set).
        '-cpu',
        'max,-cx16',
        '-smp',
        '2',
        '-m',
        '1536',
        '-nodefaults',
        '-no-reboot',
        '-nographic',
        '-serial',
        'stdio',
      ],
      ...[
        '-kernel',
        kernel.image,
        '-initrd',
        initramfs,
        '-append',
        `console=ttyS0 quiet loglevel=3 panic=-1 mitigations=off tests=${tests.join(',')}`,
      ],
      ...['-drive', `file=${disk},format=raw,if=virtio,snapshot=on,cache=unsafe`],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const run: GuestRun = { results: [], status: undefined, log: '' };
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  child.stderr.on('data', (chunk: Buffer) => (run.log = (run.log + chunk.toString()).slice(-LOG_KEPT)));
  for await (const line of createInterface({ input: child.stdout })) {
    onLine(line);
    const test = /^@@test (\{.*\})\s*$/.exec(line)?.[1];
    const exit = /^@@exit (\d+)/.exec(line)?.[1];
    if (test) run.results.push(JSON.parse(test) as GuestResult);
    else if (exit) run.status = Number(exit);
    else run.log = `${run.log}${line}\n`.slice(-LOG_KEPT);
  }
  clearTimeout(timer);
  return run;
}
