// npm run package [dir|deb]: builds release/linux-unpacked, and release/xdpeek_VERSION_ARCH.deb, on this machine alone: no fpm, no
// Electron download. XDPEEK_DEB_LEVEL=0…9 sets the compression (tests take 0).
import { existsSync, readFileSync } from 'node:fs';
import { build, esmFolders } from './lib/build-steps.mjs';
import { removeStaleChunks } from './lib/chunks.mjs';
import { main, SetupError, say, step } from './lib/log.mjs';
import { inRoot, productNode } from './lib/paths.mjs';
import { run } from './lib/run.mjs';
import { electronDist } from './packaging/electron-dist.mjs';
import { stage } from './packaging/stage.mjs';

const TARGETS = ['dir', 'deb'];

await main(async () => {
  const [target = 'deb', extra] = process.argv.slice(2);
  if (extra || !TARGETS.includes(target)) throw new SetupError('usage: package.mjs [dir|deb]');
  await build();
  for (const folder of esmFolders()) removeStaleChunks(folder);
  const { version, author } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'));
  const electron = JSON.parse(readFileSync(inRoot('node_modules/electron/package.json'), 'utf8')).version;
  const folder = inRoot('release/stage');
  await step('make icons, launcher and documents', () =>
    stage(folder, { version, maintainer: author, licence: readFileSync(inRoot('LICENSE'), 'utf8') }),
  );
  const { folder: dist, real } = electronDist(folder);
  say(
    real
      ? `Electron ${electron} goes into the package`
      : "Electron's binary is not here: the package gets a placeholder that says so; all but the native window works",
  );

  const fpm = inRoot('scripts/packaging/fpm.mjs');
  await step(`build the ${target}`, () =>
    run(
      productNode,
      [
        inRoot('node_modules/electron-builder/cli.js'),
        '--linux',
        target,
        '--publish',
        'never',
        `-c.electronDist=${dist}`,
        `-c.electronVersion=${electron}`,
      ],
      {
        quiet: true,
        env: { ...process.env, CUSTOM_FPM_PATH: fpm },
        hint: 'The lines above say what electron-builder could not do.',
      },
    ),
  );
  const result =
    target === 'deb'
      ? inRoot(`release/xdpeek_${version}_${{ x64: 'amd64', arm64: 'arm64' }[process.arch]}.deb`)
      : inRoot('release/linux-unpacked');
  if (!existsSync(result)) throw new SetupError(`electron-builder ended well, but ${result} is not there`);
  say(`built ${result}`);
});
