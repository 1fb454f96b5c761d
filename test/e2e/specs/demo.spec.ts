/** `xdpeek --demo` and `xdpeek serve --demo`: the window opens on live packets, nothing needs to be clicked. */
import { execFileSync } from 'node:child_process';
import { expect, test } from '../lib/fixtures.ts';
import { InspectorWindow } from '../lib/window.ts';

test.use({ args: ['--demo'] });

const namespaces = () => execFileSync('ip', ['netns'], { encoding: 'utf8' }).match(/^xdpeek-demo\S*/gm) ?? [];

test('the window opens on the demo network with its packets coming in', async ({ running }) => {
  const window = new InspectorWindow(running);
  await window.running();
  expect(namespaces().length).toBeGreaterThanOrEqual(2);
  await window.show('Packets');
  await expect.poll(() => window.packetCount()).toBeGreaterThan(20);
  window.expectNoPageErrors();
  await running.close();
  expect(namespaces()).toEqual([]);
});
