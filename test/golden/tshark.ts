/**
 * The reference: Debian's tshark on the same file. Preferences make it say what one packet alone can tell (no reassembly, no
 * stream analysis, raw sequence numbers) and verify the checksums that we verify.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const PREFERENCES = [
  'tcp.relative_sequence_numbers:FALSE',
  'tcp.analyze_sequence_numbers:FALSE',
  'tcp.check_checksum:TRUE',
  'udp.check_checksum:TRUE',
  'ip.check_checksum:TRUE',
  'ip.defragment:FALSE',
  'ipv6.defragment:FALSE',
].flatMap((preference) => ['-o', preference]);

/** Runs tshark on a file of these bytes. Fails with what to do when it is not installed (`npm run setup` installs it). */
export function tshark(
  file: Uint8Array,
  args: readonly string[],
  preferences: readonly string[] = PREFERENCES,
): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'xdpeek-golden-'));
  try {
    const name = path.join(folder, 'sample.pcapng');
    writeFileSync(name, file);
    return execFileSync('tshark', ['-n', '-r', name, ...preferences, ...args], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TZ: 'UTC', LC_ALL: 'C.UTF-8' },
    });
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') throw new Error('tshark is not installed: run "npm run setup"');
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `-T fields`: one array of values a packet, in the order of `fields`. */
export function fieldsOf(file: Uint8Array, fields: readonly string[]): string[][] {
  const out = tshark(file, ['-T', 'fields', ...fields.flatMap((field) => ['-e', field])]);
  return out
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => line.split('\t'));
}

const CHECKSUMS = ['tcp', 'udp', 'ip'].flatMap((name) => ['-o', `${name}.check_checksum:TRUE`]);

/** As `fieldsOf`, with tshark's own defaults but for checksums, which it then verifies, and what is `told`. */
export function plainFieldsOf(file: Uint8Array, fields: readonly string[], told: readonly string[] = []): string[][] {
  const out = tshark(file, ['-T', 'fields', ...fields.flatMap((field) => ['-e', field])], [...CHECKSUMS, ...told]);
  return out
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => line.split('\t'));
}

let known: ReadonlySet<string> | undefined;

/** Every field and protocol that this tshark knows. */
export function knownFields(): ReadonlySet<string> {
  known ??= new Set(
    execFileSync('tshark', ['-G', 'fields'], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .split('\n')
      .map((line) => line.split('\t')[2] ?? ''),
  );
  return known;
}

export interface PdmlField {
  name: string;
  offset: number;
  length: number;
  /** Label without the brackets of generated fields. */
  label: string;
}

const unescaped = (text: string) =>
  text
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&(?:#x27|apos);/g, "'")
    .replace(/&amp;/g, '&');

/** Every shown field of every packet, in tree order; hidden ones, expert notes and the frame node left out. */
export function treesOf(file: Uint8Array): PdmlField[][] {
  return tshark(file, ['-T', 'pdml'])
    .split('<packet>')
    .slice(1)
    .map((packet) => {
      const fields: PdmlField[] = [];
      let skip = false;
      for (const [, element, name, rest] of packet.matchAll(/<(proto|field) name="([^"]*)"([^>]*)>/g)) {
        const has = Object.fromEntries([...rest!.matchAll(/(\w+)="([^"]*)"/g)].map((m) => [m[1]!, m[2]!]));
        if (element === 'proto') skip = ['geninfo', 'frame', 'pkt_comment'].includes(name!);
        if (skip || has['hide'] || name!.startsWith('_ws.') || name === 'fake-field-wrapper') continue;
        const label = unescaped(has['showname'] ?? has['show'] ?? '').trim();
        fields.push({ name: name || 'text', offset: Number(has['pos']), length: Number(has['size']), label });
      }
      return fields;
    });
}
