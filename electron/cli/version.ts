/** The product's version. The bundler writes it in; run from source, package.json is read. */
import { readFileSync } from 'node:fs';

declare const XDPEEK_VERSION: string | undefined;

function fromPackage(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

export const VERSION: string = typeof XDPEEK_VERSION === 'string' ? XDPEEK_VERSION : fromPackage();
