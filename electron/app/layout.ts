/**
 * Where the other built parts are, found from this file's own folder, never from the environment or the working
 * directory. In a checkout everything is a sibling in dist/; in the package this file is inside app.asar, and what plain
 * Node must be able to read is beside it in resources/dist.
 */
import { join } from 'node:path';

export interface Layout {
  /** Folder of the app's own bundle and the preload (inside the asar when packaged). */
  inside: string;
  /** Folder of session, privileged, cli, native, bpf, renderer: plain files. */
  outside: string;
  /** The Node that runs the command line (the demo network). */
  node: string;
}

/** @param here folder of this bundle (…/dist/app); `resourcesPath` only when packaged. */
export function layout(here: string, resourcesPath: string | undefined): Layout {
  const inside = join(here, '..');
  if (resourcesPath === undefined)
    return { inside, outside: inside, node: join(inside, '..', 'node_modules', 'node', 'bin', 'node') };
  return { inside, outside: join(resourcesPath, 'dist'), node: join(resourcesPath, 'bin', 'node') };
}
