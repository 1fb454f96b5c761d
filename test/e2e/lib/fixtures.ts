/** What every spec gets: the network (one a run), a running host of its project, and the window with words for what people do in it. */
import { test as base, chromium } from '@playwright/test';
import { type HostName, type Running, startHost } from './hosts.ts';
import { TestNetwork } from './network.ts';
import { InspectorWindow } from './window.ts';

interface TestFixtures {
  host: HostName;
  args: readonly string[];
  running: Running;
  window: InspectorWindow;
}

export const test = base.extend<TestFixtures, { network: TestNetwork }>({
  host: ['serve', { option: true }],
  args: [[], { option: true }],
  network: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this pattern
    async ({}, use) => {
      const network = new TestNetwork();
      await use(network);
      await network.close();
    },
    { scope: 'worker', auto: true },
  ],
  running: async ({ host, args, launchOptions }, use) => {
    // The stand-in brings a browser of its own; one for nothing is not started.
    const started: { close(): Promise<void> }[] = [];
    const launch = async () => {
      const browser = await chromium.launch(launchOptions);
      started.push(browser);
      return browser;
    };
    const running = await startHost(host, launch, args);
    await use(running);
    await running.close();
    for (const browser of started) await browser.close();
  },
  window: async ({ running }, use) => {
    const window = new InspectorWindow(running);
    await window.ready();
    await use(window);
    window.expectNoPageErrors();
  },
});

export { expect } from '@playwright/test';
