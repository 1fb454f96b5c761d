/**
 * The built addon with its declared types. `npm test` builds it first; by hand: `node scripts/build.mjs addon`.
 * XDPEEK_TEST_ADDON names another build of it (with sanitizers, say).
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import type * as Addon from '../../../native/index.d.ts';

export const addonFile =
  process.env['XDPEEK_TEST_ADDON'] ?? path.resolve(import.meta.dirname, '../../../dist/native/xdpeek.node');

export const addon = createRequire(import.meta.url)(addonFile) as typeof Addon;
