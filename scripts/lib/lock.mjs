// Two set-ups at once (a test run beside `npm start`) must not build into the same folder: the second waits for the first.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { say } from './log.mjs';
import { inRoot } from './paths.mjs';

const file = inRoot('dist/.stamps/lock');

function holderAlive() {
  try {
    process.kill(Number(readFileSync(file, 'utf8')), 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Runs `work` while this process alone builds. A lock whose owner is dead is taken over. */
export async function locked(work) {
  mkdirSync(path.dirname(file), { recursive: true });
  for (let told = false; ; ) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (!holderAlive()) rmSync(file, { force: true });
    else {
      if (!told) say('another set-up is building; waiting for it …');
      told = true;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}
