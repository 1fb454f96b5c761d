/**
 * Where the addon and the BPF objects are: beside the folder of the process's own entry file, whatever the environment or
 * the working directory say.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import type * as native from '../../native/index.d.ts';
import { errorData, XdpeekError } from '../shared/errors.ts';

export type Addon = typeof native;

/** @param here folder of dist/privileged/main.mjs */
export function loadAddon(here: string): { addon: Addon; bpfDir: string } {
  const file = path.join(here, '../native/xdpeek.node');
  try {
    return { addon: createRequire(import.meta.url)(file) as Addon, bpfDir: path.join(here, '../bpf') };
  } catch (error) {
    const { message } = errorData(error);
    throw new XdpeekError({ code: 'ADDON', message: `the addon cannot be loaded (is xdpeek built?): ${message}` });
  }
}
