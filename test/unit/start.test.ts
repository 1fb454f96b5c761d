/** `npm start`, as far as it goes without a display: the window is served, and goes with npm, however npm goes. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { eventually } from '../netns/lib/process.ts';

const root = path.resolve(import.meta.dirname, '../..');

test('killed as npm is, with a shell in between: what is served ends too', async () => {
  const { DISPLAY: _, WAYLAND_DISPLAY: __, ...rest } = process.env;
  const env = { ...rest, npm_lifecycle_event: 'start' };
  const shell = spawn('sh', ['-c', '"$0" scripts/start.mjs; true', process.execPath], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  shell.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const link = () => /http:\/\/127\.0\.0\.1:\d+\//.exec(said)?.[0];
  await eventually('a link is printed', () => link() !== undefined, 60_000);
  const answers = () =>
    fetch(link()!).then(
      () => true,
      () => false,
    );
  assert.equal(await answers(), true);
  shell.kill('SIGTERM');
  await eventually('nobody answers there', async () => !(await answers()), 10_000);
});
