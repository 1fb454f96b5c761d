/** The one origin the window has, and the one place that decides whether a URL belongs to it. */
export const SCHEME = 'app';
export const HOST = 'xdpeek';
export const START_URL = `${SCHEME}://${HOST}/index.html`;

/** Exact scheme and host, no port, no credentials. (`URL.origin` is "null" for custom schemes in Node.) */
export function isOurs(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, host, username, password } = new URL(url);
  return protocol === `${SCHEME}:` && host === HOST && username === '' && password === '';
}
