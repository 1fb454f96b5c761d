/**
 * `xdpeek serve` as somebody without rights, on a machine whose pkexec answers as it is told: the package's launchers and that pkexec are there in a mount
 * namespace of its own.
 */
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser } from '@playwright/test';
import { type Running, startServe } from './hosts.ts';

const NOBODY = 65534;

export interface Refusing extends Running {
  /** How pkexec ends from now on (126: dismissed, 127: not authorised), and its words. */
  answer(status: 126 | 127, words: string): void;
  /** How often it was asked. */
  asked(): number;
}

export async function startRefusing(browser: Browser): Promise<Refusing> {
  const folder = mkdtempSync(path.join(tmpdir(), 'xdpeek-refusing-'));
  const at = (...parts: string[]) => path.join(folder, ...parts);
  const script = (file: string, lines: string) => writeFileSync(file, `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
  chmodSync(folder, 0o755);
  for (const name of ['lib', 'lib/xdpeek', 'cache']) mkdirSync(at(name));
  writeFileSync(at('asked'), '');
  for (const name of ['cache', 'asked']) chownSync(at(name), NOBODY, NOBODY);
  script(at('pkexec'), `echo x >> ${at('asked')}\ncat ${at('words')} >&2\nexit "$(cat ${at('status')})"`);
  for (const role of ['capture', 'workbench']) script(at(`lib/xdpeek/xdpeek-privileged-${role}`), 'exit 1');
  const mount =
    'mount --bind "$0/pkexec" /usr/bin/pkexec && mount -t overlay overlay -o "lowerdir=$0/lib:/usr/lib" /usr/lib';
  const nobody = `setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups --inh-caps=-all --ambient-caps=-all`;
  const within = [
    'unshare',
    '--mount',
    '--propagation',
    'private',
    'sh',
    '-c',
    `${mount} && exec ${nobody} "$@"`,
    folder,
  ];
  const answer = (status: number, words: string) => {
    writeFileSync(at('status'), `${status}`);
    writeFileSync(at('words'), words);
  };
  answer(126, '');
  const running = await startServe(browser, [], { within, env: { ...process.env, XDG_CACHE_HOME: at('cache') } });
  return {
    ...running,
    answer,
    asked: () => readFileSync(at('asked'), 'utf8').length / 2,
    async close() {
      await running.close();
      rmSync(folder, { recursive: true });
    },
  };
}
