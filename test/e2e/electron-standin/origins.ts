/** A browser has no custom schemes: app://xdpeek/x is shown as https://app--xdpeek.test/x and named back on the way out. */

const MAPPED = /^https:\/\/([a-z-]+)--([a-z0-9-]+)\.test(?=\/|$)/;

export function toBrowser(url: string, schemes: ReadonlySet<string>): string {
  const match = /^([a-z-]+):\/\/([a-z0-9-]+)(\/.*)?$/.exec(url);
  if (!match?.[1] || !schemes.has(match[1])) return url;
  return `https://${match[1]}--${match[2]}.test${match[3] ?? '/'}`;
}

export function fromBrowser(url: string): string {
  return url.replace(MAPPED, '$1://$2');
}

export function isMapped(url: string): boolean {
  return MAPPED.test(url);
}
