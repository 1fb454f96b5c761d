#!/usr/bin/env node
// What electron-builder calls as `fpm` (CUSTOM_FPM_PATH): builds a deb out of files and folders with dpkg-deb, without Ruby or
// downloads. Understands exactly the options that electron-builder passes for `-s dir -t deb`; any other is an error.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const FLAGS = new Set(['--force']);
const LISTS = new Map([
  ['-d', 'depends'],
  ['--depends', 'depends'],
  ['--deb-recommends', 'recommends'],
]);
const VALUES = new Set([
  '-s',
  '-t',
  '--architecture',
  '--after-install',
  '--after-remove',
  '--description',
  '--version',
  '--package',
  '--name',
  '--maintainer',
  '--vendor',
  '--url',
  '--category',
  '--deb-priority',
  '--deb-compression',
  '--license',
  '--iteration',
]);

/** @returns { values: {name: value}, depends: [], recommends: [], maps: [[source, target]] } */
function parse(args) {
  const options = { values: {}, depends: [], recommends: [], maps: [] };
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (FLAGS.has(arg)) continue;
    if (LISTS.has(arg)) options[LISTS.get(arg)].push(args[++i]);
    else if (VALUES.has(arg)) options.values[arg.replace(/^-+/, '')] = args[++i];
    else if (arg.startsWith('-'))
      throw new Error(`unknown option ${arg}: teach scripts/packaging/fpm.mjs what it means`);
    else {
      const at = arg.lastIndexOf('=');
      if (at < 1 || arg[at + 1] !== '/') throw new Error(`expected SOURCE=/TARGET, got ${arg}`);
      options.maps.push([arg.slice(0, at), arg.slice(at + 1)]);
    }
  }
  if (options.values.s !== 'dir' || options.values.t !== 'deb') throw new Error('only -s dir -t deb is built here');
  return options;
}

/** "dir/=/target" copies the folder's content, "file=/target" one file. */
function lay(root, maps) {
  for (const [source, target] of maps) {
    const to = path.join(root, target);
    mkdirSync(path.dirname(to), { recursive: true });
    if (source.endsWith('/')) cpSync(source, to, { recursive: true, verbatimSymlinks: true });
    else copyFileSync(source, to);
  }
}

/** Debian's modes (755 folders and programs, 644 the rest, shared objects too); returns files with their size, control files excluded. */
function settle(folder, root, found = []) {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) settle(file, root, found);
    else {
      const { mode, size } = lstatSync(file);
      if (!entry.isSymbolicLink()) {
        chmodSync(file, mode & 0o111 && !/\.(node|so)$/.test(entry.name) ? 0o755 : 0o644);
        found.push({
          file: path.relative(root, file),
          size,
          sum: createHash('md5').update(readFileSync(file)).digest('hex'),
        });
      }
    }
  }
  return found;
}

function control({ values, depends, recommends }, files) {
  const kib = files.reduce((sum, { size }) => sum + Math.ceil(size / 1024), 0);
  const [synopsis, ...long] = values.description
    .trim()
    .split('\n')
    .map((line) => line.trim());
  const description = [synopsis, ...long.flatMap(wrap).map((line) => ` ${line || '.'}`)].join('\n');
  const fields = {
    Package: values.name,
    Version: values.iteration ? `${values.version}-${values.iteration}` : values.version,
    Architecture: values.architecture,
    Maintainer: values.maintainer,
    'Installed-Size': String(kib),
    Depends: depends.join(', '),
    Recommends: recommends.join(', '),
    Section: values.category ?? 'misc',
    Priority: values['deb-priority'] ?? 'optional',
    Homepage: values.url,
    Description: description,
  };
  return Object.entries(fields)
    .filter(([, value]) => value)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');
}

/** Lines of at most 79 characters, broken between words. */
function wrap(text) {
  return text === '' ? [''] : text.match(/\S.{0,77}(?=\s|$)/g);
}

function build(options) {
  const { values } = options;
  const root = mkdtempSync(path.join(tmpdir(), 'xdpeek-deb-'));
  try {
    lay(root, options.maps);
    const files = settle(root, root);
    const meta = path.join(root, 'DEBIAN');
    mkdirSync(meta, { mode: 0o755 });
    writeFileSync(path.join(meta, 'control'), control(options, files), { mode: 0o644 });
    writeFileSync(path.join(meta, 'md5sums'), files.map(({ file, sum }) => `${sum}  ${file}\n`).join(''), {
      mode: 0o644,
    });
    for (const [option, name] of [
      ['after-install', 'postinst'],
      ['after-remove', 'postrm'],
    ]) {
      if (!values[option]) continue;
      copyFileSync(values[option], path.join(meta, name));
      chmodSync(path.join(meta, name), 0o755);
    }
    const compression = values['deb-compression'] ?? 'xz';
    const level = process.env.XDPEEK_DEB_LEVEL ? [`-z${process.env.XDPEEK_DEB_LEVEL}`] : [];
    const { status, error } = spawnSync(
      'dpkg-deb',
      ['--root-owner-group', `-Z${compression}`, ...level, '--build', root, values.package],
      { stdio: 'inherit' },
    );
    if (error) throw new Error(`cannot run dpkg-deb: ${error.message}. Install the package dpkg.`);
    return status ?? 1;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

try {
  process.exit(build(parse(process.argv.slice(2))));
} catch (error) {
  process.stderr.write(`fpm.mjs: ${error.message}\n`);
  process.exit(1);
}
