/** The product as it is measured: `xdpeek serve`, Chromium with its window, what both take of the CPU, and the session's own counters. */
import { type Browser, chromium, type Page } from '@playwright/test';
import { WebSocket } from 'ws';
import type { ClientMessage, ServerMessage } from '../../../electron/shared/backend-messages.ts';
import { createInspectorClient, type InspectorClient } from '../../../electron/shared/inspector-client.ts';
import { type WebSocketLike, webSocketPipe } from '../../../electron/shared/pipes/websocket.ts';
import { CHROMIUM_ARGS } from '../../e2e/lib/hosts.ts';
import { InspectorWindow } from '../../e2e/lib/window.ts';
import type { VethEnd } from '../../netns/lib/network.ts';
import { type Running, start } from '../../netns/lib/process.ts';
import { tree, usedBy } from '../capture/process-tree.ts';
import { XDPEEK } from '../capture/sides.ts';
import { watchUsable } from './page.ts';

/** Seconds of CPU, user and system. */
export interface Cpu {
  /** `xdpeek serve` with its threads. */
  session: number;
  /** Chromium's process that draws the page: script, layout, painting. */
  renderer: number;
  /** All the rest of Chromium; where there is a GPU it puts the page together, here a CPU does. */
  browser: number;
  privileged: number;
}

export interface Started {
  /** ms from the start of the process until it says its address. */
  listensMs: number;
  /** ms from the navigation until the capture can be started by a click. */
  usableMs: number;
}

export class MeasuredWindow {
  readonly started: Started;
  readonly words: InspectorWindow;
  readonly api: InspectorClient;
  readonly page: Page;
  readonly #serve: Running;
  readonly #browser: Browser;

  /** @param cache where the session keeps the capture: a tmpfs, so that no disk is measured */
  static async open(near: VethEnd, cache: string): Promise<MeasuredWindow> {
    const before = performance.now();
    const serve = start(process.execPath, [XDPEEK, 'serve'], { env: { ...process.env, XDG_CACHE_HOME: cache } });
    await serve.waitFor(/Ctrl-C ends/);
    const listensMs = performance.now() - before;
    const url = /http:\S+/.exec(serve.stdout())![0];
    const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: CHROMIUM_ARGS });
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    // Times of day tell how old a row is.
    await page.addInitScript(() => localStorage.setItem('xdpeek.packets', JSON.stringify({ time: 'clock' })));
    await page.addInitScript(watchUsable, `Start on ${near.ifname} in namespace ${near.netns} `);
    await page.goto(url);
    const usable = await page.waitForFunction(() => (globalThis as { usableMs?: number }).usableMs);
    const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
    const { origin, host } = new URL(url);
    const socket = new WebSocket(`ws://${host}/ws`, { headers: { cookie }, origin });
    const api = createInspectorClient(webSocketPipe<ServerMessage, ClientMessage>(socket as unknown as WebSocketLike));
    return new MeasuredWindow(serve, browser, page, api, { listensMs, usableMs: (await usable.jsonValue())! });
  }

  private constructor(serve: Running, browser: Browser, page: Page, api: InspectorClient, started: Started) {
    this.#serve = serve;
    this.#browser = browser;
    this.page = page;
    this.api = api;
    this.started = started;
    this.words = new InspectorWindow({ page });
  }

  async cpu(): Promise<Cpu> {
    const session = await this.#browser.newBrowserCDPSession();
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    await session.detach();
    const seconds = (pids: readonly number[]) => {
      const { userSeconds, systemSeconds } = usedBy(pids);
      return userSeconds + systemSeconds;
    };
    const of = (drawing: boolean) =>
      seconds(processInfo.filter(({ type }) => (type === 'renderer') === drawing).map(({ id }) => id));
    const { pid } = this.#serve;
    return {
      session: seconds([pid]),
      renderer: of(true),
      browser: of(false),
      privileged: seconds(tree(pid).filter((each) => each !== pid)),
    };
  }

  async close(): Promise<void> {
    this.api.close();
    await this.#browser.close();
    await this.#serve.stop('SIGTERM');
  }
}
