/** `xdpeek --demo` and `xdpeek serve --demo`: the window opens on live packets, nothing needs to be clicked. */
import { expect, test } from '../lib/fixtures.ts';
import { demoNamespaces } from '../lib/network.ts';
import { InspectorWindow } from '../lib/window.ts';

test.use({ args: ['--demo'] });

/** Others may run demos of their own. */
let others: string[] = [];
test.beforeEach(() => {
  others = demoNamespaces();
});
const namespaces = () => demoNamespaces().filter((name) => !others.includes(name));

test('the window opens on the demo network with its packets coming in', async ({ running }) => {
  const window = new InspectorWindow(running);
  await window.running();
  expect(namespaces().length).toBeGreaterThanOrEqual(2);
  await window.show('Packets');
  await expect.poll(() => window.packetCount()).toBeGreaterThan(20);
  window.expectNoPageErrors();
  await running.close();
  await expect.poll(namespaces).toEqual([]);
});
