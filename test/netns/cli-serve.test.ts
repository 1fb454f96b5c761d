/** `xdpeek serve` whole: the printed link, the real session behind the real WebSocket, a capture, an upload, a download, the end. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import type { ClientMessage, ServerMessage } from '../../electron/shared/backend-messages.ts';
import { createInspectorClient, type InspectorClient } from '../../electron/shared/inspector-client.ts';
import { type WebSocketLike, webSocketPipe } from '../../electron/shared/pipes/websocket.ts';
import { nothingAttached, packetsByTshark, withFolder } from './cli-lib.ts';
import { addon } from './lib/addon.ts';
import { pattern, udpFrame } from './lib/frames.ts';
import { withPair } from './lib/network.ts';
import { eventually, type Running, start } from './lib/process.ts';

const MAIN = path.resolve(import.meta.dirname, '../../dist/cli/main.mjs');

interface Browser {
  origin: string;
  headers: { cookie: string; origin: string };
  api(): Promise<InspectorClient>;
}

/** Starts serve with its files below `home`, and does what a browser does with the link. */
async function serving(home: string, args: readonly string[] = []): Promise<[Running, Browser]> {
  const env = { ...process.env, XDG_CACHE_HOME: home };
  const running = start(process.execPath, [MAIN, 'serve', ...args], { env });
  await running.waitFor(/Ctrl-C ends/);
  const link = new URL(/http:\/\/127\.0\.0\.1:\d+\/\?token=\S+/.exec(running.stdout())![0]);
  const entered = await fetch(link, { redirect: 'manual' });
  assert.equal(entered.status, 303);
  const headers = { cookie: entered.headers.get('set-cookie')!.split(';')[0]!, origin: link.origin };
  const api = async () => {
    const socket = new WebSocket(`ws://${link.host}/ws`, { headers });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    return createInspectorClient(webSocketPipe<ServerMessage, ClientMessage>(socket as unknown as WebSocketLike));
  };
  return [running, { origin: link.origin, headers, api }];
}

test('a capture started by one window is seen by another, downloads whole, and ends with the server', () =>
  withPair({ prefix: 'xl', quiet: true }, (a, b) =>
    withFolder(async (folder) => {
      const [running, browser] = await serving(folder);
      const page = await fetch(browser.origin, { headers: { cookie: browser.headers.cookie } });
      assert.match(await page.text(), /<script type="module"/);
      const [one, two] = [await browser.api(), await browser.api()];
      assert.equal((await one.call('host.info', {})).host, 'serve');
      assert.ok((await one.call('interfaces.list', {})).some(({ netns }) => netns === b.netns));
      await one.call('capture.start', { targets: [{ ifname: b.ifname, netns: b.netns, hook: 'xdp' }] });
      const frame = udpFrame(a, b, pattern(64));
      await addon.sendFrames({ ifname: a.ifname, netns: a.netns, frames: [frame], repeat: 50 });
      await eventually('50 packets', async () => (await two.call('capture.status', {})).stored === 50);
      const detail = await two.call('packets.detail', { number: 50 });
      assert.deepEqual(Buffer.from(detail.bytes), Buffer.from(frame));

      const download = await fetch(`${browser.origin}/capture.pcapng`, { headers: browser.headers });
      assert.equal(download.status, 200);
      const file = path.join(folder, 'saved.pcapng');
      writeFileSync(file, Buffer.from(await download.arrayBuffer()));
      assert.equal((await packetsByTshark(file)).length, 50);

      let reason: string | undefined;
      two.onClosed(({ message }) => (reason = message));
      const { status } = await running.stop('SIGTERM');
      assert.equal(status, 0);
      await eventually('the window hears of it', () => reason !== undefined);
      assert.match(reason!, /xdpeek serve ended|closed/);
      await nothingAttached(b.netns, b.ifname);
      assert.deepEqual(leftIn(folder), [], 'spool and uploads are gone');
    }),
  ));

test('an uploaded file is opened; garbage is refused in words and the old one stays', () =>
  withPair({ prefix: 'xl', quiet: true }, (a, b) =>
    withFolder(async (folder) => {
      const file = path.join(folder, 'f.pcapng');
      const dump = start(process.execPath, [MAIN, 'dump', '-i', b.ifname, '-c', '9', '-w', file], { netns: b.netns });
      await dump.waitFor(/watching/);
      await addon.sendFrames({ ifname: a.ifname, netns: a.netns, frames: [udpFrame(a, b, pattern(20))], repeat: 9 });
      await dump.ended;
      const [running, browser] = await serving(folder);
      const api = await browser.api();
      const upload = (body: Buffer<ArrayBuffer>) =>
        fetch(`${browser.origin}/upload?name=f.pcapng`, { method: 'POST', headers: browser.headers, body });
      assert.equal((await upload(readFileSync(file) as Buffer<ArrayBuffer>)).status, 200);
      await eventually('nine packets', async () => (await api.call('capture.status', {})).stored === 9);
      assert.equal((await api.call('capture.status', {})).fileName, 'f.pcapng');
      const refused = await upload(Buffer.from('this is no capture'));
      assert.equal(refused.status, 422);
      assert.match(((await refused.json()) as { message: string }).message, /pcap/);
      assert.equal((await api.call('capture.status', {})).stored, 9);
      assert.equal((await running.stop('SIGINT')).status, 0);
      assert.deepEqual(leftIn(folder), []);
    }),
  ));

test('a file named on the command line that is no capture ends it with status 1', () =>
  withFolder(async (folder) => {
    const file = path.join(folder, 'notes.txt');
    writeFileSync(file, 'this is no capture');
    const bad = start(process.execPath, [MAIN, 'serve', file], { env: { ...process.env, XDG_CACHE_HOME: folder } });
    const { status, stderr } = await bad.ended;
    assert.equal(status, 1);
    assert.match(stderr, /^xdpeek: notes.txt cannot be opened: this is not a pcap or pcapng file/);
  }));

test('without a display the window is served instead, saying why', () =>
  withFolder(async (folder) => {
    const env: NodeJS.ProcessEnv = { ...process.env, XDG_CACHE_HOME: folder };
    delete env['DISPLAY'];
    delete env['WAYLAND_DISPLAY'];
    const running = start(process.execPath, [MAIN], { env });
    await running.waitFor(/Ctrl-C ends/);
    assert.match(running.stderr(), /no native window: there is no display. Serving it to a browser instead/);
    assert.match(running.stdout(), /http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}\n/);
    assert.equal((await running.stop('SIGINT')).status, 0);
  }));

test('serve --demo and demo bring a network of their own and take it along', () =>
  withFolder(async (folder) => {
    const [running, browser] = await serving(folder, ['--demo']);
    const api = await browser.api();
    const [demo] = (await api.call('interfaces.list', {})).filter(({ ifname }) => ifname.startsWith('xdpeek-demo'));
    assert.ok(demo);
    assert.equal((await api.call('host.info', {})).demo, true);
    // Packets are there before anybody has clicked.
    const { state, options } = await api.call('capture.status', {});
    assert.equal(state, 'running');
    assert.deepEqual(options?.targets, [{ ifname: demo.ifname, netns: demo.netns, hook: 'xdp' }]);
    await eventually('packets', async () => (await api.call('capture.status', {})).stored > 5);
    assert.equal((await running.stop('SIGTERM')).status, 0);
    assert.equal(existsSync(`/run/netns/${demo.netns}`), false);

    // As the app starts it: a pipe for standard input, whose end is the end of the demo.
    const child = start(process.execPath, [MAIN, 'demo']);
    await child.waitFor(/Ctrl-C ends it/);
    const netns = /--netns (\S+)/.exec(child.stdout())![1]!;
    assert.equal(existsSync(`/run/netns/${netns}`), true);
    child.child.stdin!.end();
    assert.equal((await child.ended).status, 0);
    assert.equal(existsSync(`/run/netns/${netns}`), false);
  }));

function leftIn(folder: string): string[] {
  const cache = path.join(folder, 'xdpeek');
  return existsSync(cache) ? readdirSync(cache) : [];
}
