/**
 * Who may talk to the server at all, from a request's headers alone. A browser on this machine runs pages of every origin, so
 * reaching the loopback port proves nothing: Host refuses rebound DNS names, Origin and Fetch Metadata refuse other pages
 * (also those of other loopback ports, which share our cookies), and only then is the cookie looked at.
 */
import type { IncomingHttpHeaders } from 'node:http';

/** Loopback by name or number, any port: an SSH tunnel may end at another one. No other name resolves here honestly. */
const LOOPBACK_HOST = /^(?:127\.0\.0\.1|\[::1\]|localhost)(?::(\d{1,5}))?$/;

export interface Refusal {
  readonly status: 400 | 401 | 403;
  readonly why: string;
}

/** Any request, read-only ones included. @returns undefined when it may go on. */
export function refuseRequest(headers: IncomingHttpHeaders, method: string): Refusal | undefined {
  const { host } = headers;
  if (host === undefined || !LOOPBACK_HOST.test(host))
    return { status: 403, why: 'Only a loopback address may be used: this one names another host.' };
  const { origin } = headers;
  if (origin !== undefined && !sameOrigin(origin, host))
    return { status: 403, why: 'This page belongs to another origin.' };
  const safe = method === 'GET' || method === 'HEAD';
  if (!safe && origin === undefined) return { status: 403, why: 'A request that changes something needs an origin.' };
  return refuseSite(headers, safe);
}

/** A WebSocket handshake: browsers do not hold these to the same-origin policy, so Origin must be there and be ours. */
export function refuseSocket(headers: IncomingHttpHeaders): Refusal | undefined {
  if (headers.origin === undefined) return { status: 403, why: 'A WebSocket needs an origin.' };
  return refuseRequest(headers, 'POST');
}

function sameOrigin(origin: string, host: string): boolean {
  return origin === `http://${host}`;
}

/**
 * Sec-Fetch-Site says who caused the request; a page of another port is `same-site`. A top-level navigation may come from
 * anywhere (that is what the link is for), a subresource only from us. Older clients send nothing and are judged by the rest.
 */
function refuseSite(headers: IncomingHttpHeaders, safe: boolean): Refusal | undefined {
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return undefined;
  const navigation = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  return safe && navigation ? undefined : { status: 403, why: 'Another site asked for this.' };
}
