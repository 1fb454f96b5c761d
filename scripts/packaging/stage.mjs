// release/stage: what the package needs besides the build: icons, the compiled launcher, compressed documents.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { ADDONS } from '../lib/build-steps.mjs';
import { SetupError } from '../lib/log.mjs';
import { inRoot } from '../lib/paths.mjs';
import { run } from '../lib/run.mjs';

const ICON_SIZES = [16, 24, 32, 48, 64, 128, 256, 512];
/** Each is a launcher and a polkit action of its own. */
const ROLES = ['capture', 'workbench'];
const RESOURCES = '/opt/xdpeek/resources';

/** @param about { version, maintainer, licence } for the documents. */
export async function stage(folder, about) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(path.join(folder, 'icons'), { recursive: true });
  await icons(path.join(folder, 'icons'));
  for (const role of ROLES) await launcher(path.join(folder, `xdpeek-privileged-${role}`), role);
  for (const addon of ADDONS)
    await run('strip', ['--strip-unneeded', '-o', path.join(folder, addon), inRoot(`dist/native/${addon}`)], {
      quiet: true,
    });
  documents(folder, about);
}

function need(tool, debianPackage) {
  if (spawnSync('which', [tool]).status !== 0)
    throw new SetupError(
      `${tool} is missing`,
      `Install it (Debian: apt-get install ${debianPackage}) and run this again.`,
    );
}

async function icons(folder) {
  need('rsvg-convert', 'librsvg2-bin');
  for (const size of ICON_SIZES) {
    const out = path.join(folder, `${size}x${size}.png`);
    await run(
      'rsvg-convert',
      ['--width', String(size), '--height', String(size), '--output', out, inRoot('assets/icon.svg')],
      { quiet: true },
    );
  }
}

async function launcher(out, role) {
  need('cc', 'gcc libc6-dev');
  const paths = [
    `-DNODE="${RESOURCES}/bin/node"`,
    `-DMAIN="${RESOURCES}/dist/privileged/main.mjs"`,
    `-DROLE="${role}"`,
  ];
  const hardening = [
    '-O2',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-fstack-protector-strong',
    '-D_FORTIFY_SOURCE=2',
    '-fPIE',
    '-pie',
    '-Wl,-z,relro,-z,now',
  ];
  await run('cc', [...hardening, ...paths, '-s', '-o', out, inRoot('scripts/packaging/launcher.c')], { quiet: true });
}

function documents(folder, { version, maintainer, licence }) {
  const gzip = (text) => gzipSync(text, { level: 9 });
  const manual = inRoot('assets/xdpeek.1');
  if (!existsSync(manual))
    throw new SetupError('assets/xdpeek.1 is missing', 'The man page belongs to the source; restore it.');
  writeFileSync(path.join(folder, 'xdpeek.1.gz'), gzip(readFileSync(manual)));
  const date = new Date().toUTCString().replace('GMT', '+0000');
  const entry = `  * See the project's history.\n\n -- ${maintainer}  ${date}\n`;
  writeFileSync(path.join(folder, 'changelog.gz'), gzip(`xdpeek (${version}) unstable; urgency=medium\n\n${entry}`));
  writeFileSync(path.join(folder, 'copyright'), copyright(licence));
}

/** Debian's machine-readable copyright file; bundled parts keep their notices beside the bundles. */
function copyright(licence) {
  const body = licence
    .trim()
    .split('\n')
    .map((line) => ` ${line.trim() || '.'}`)
    .join('\n');
  return `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: xdpeek

Files: *
Copyright: The xdpeek authors
License: Expat

Files: opt/xdpeek/resources/dist/bpf/*
Copyright: The xdpeek authors
License: GPL-2.0-only or BSD-2-Clause
Comment: Declared to the kernel as "Dual BSD/GPL".

Files: opt/xdpeek/resources/dist/include/bpf/*
Copyright: The libbpf authors
License: LGPL-2.1 or BSD-2-Clause

Files: opt/xdpeek/resources/dist/include/uapi/*
Copyright: The Linux kernel's authors
License: GPL-2.0 WITH Linux-syscall-note

License: Expat
${body}

License: GPL-2.0-only or BSD-2-Clause
 On Debian systems the GNU General Public License, version 2, is in
 /usr/share/common-licenses/GPL-2.

License: LGPL-2.1 or BSD-2-Clause
 On Debian systems the GNU Lesser General Public License, version 2.1, is in
 /usr/share/common-licenses/LGPL-2.1.

License: GPL-2.0 WITH Linux-syscall-note
 The GNU General Public License, version 2, is in /usr/share/common-licenses/GPL-2.
 The note: it does not cover programs that use kernel services by normal system calls.
`;
}
