/**
 * From the wire to the screen: one datagram every 20 ms, numbered by its destination port, with the time right before it is sent; and in the page, when
 * the frame is painted that has its row among the last ones. Both read the clock of the day of this machine.
 */
import path from 'node:path';
import type { VethEnd } from '../../netns/lib/network.ts';
import { start } from '../../netns/lib/process.ts';
import { endFrames, watchFrames } from './page.ts';
import { COUNT, FIRST_PORT } from './sender.ts';
import type { MeasuredWindow } from './window.ts';

const SETTLE_MS = 600;

export interface Latency {
  /** ms, of those that were seen. */
  ms: number[];
  sent: number;
}

export async function latency(window: MeasuredWindow, near: VethEnd, far: VethEnd): Promise<Latency> {
  const { page, words } = window;
  await words.show('Start');
  await words.card(near).click();
  await words.running();
  await words.show('Packets');
  await page.evaluate(watchFrames, FIRST_PORT);
  const sender = start(process.execPath, [path.join(import.meta.dirname, 'sender.ts'), near.ipv4], {
    netns: far.netns,
  });
  const { status, stdout, stderr } = await sender.ended;
  if (status !== 0) throw new Error(`the sender ended with ${status}: ${stderr}`);
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const { shown } = await page.evaluate(endFrames);
  await words.stop();
  const sentAt = JSON.parse(stdout) as number[];
  return { ms: sentAt.flatMap((at, n) => (shown[n] === undefined ? [] : [shown[n] - at])), sent: COUNT };
}
