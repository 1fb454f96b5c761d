/** The addon's sendFrames, for the frames that sockets cannot make (tags, echo requests with an identifier of our choice). */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** The part of native/index.d.ts that the demo needs. */
export interface FrameSender {
  sendFrames(options: { ifname: string; frames: Uint8Array[]; intervalUs?: number }): Promise<number>;
}

/** dist/native/xdpeek.node, seen from the sources, from dist/cli and from its chunks folder. */
export function loadFrameSender(): FrameSender {
  const here = import.meta.dirname;
  const candidates = ['../../../../dist/native', '../native', '../../native'].map((folder) =>
    path.join(here, folder, 'xdpeek.node'),
  );
  const file = candidates.find((candidate) => existsSync(candidate));
  if (!file) throw new Error('the addon is missing; from a checkout, build it: npm run setup');
  return createRequire(import.meta.url)(file) as FrameSender;
}
