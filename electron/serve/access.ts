/**
 * The keys of one served window. A link carries a token that works once; it is exchanged for a cookie that the page's scripts
 * cannot read and other sites cannot send. Everything lives in memory: when the server ends nothing opens it any more.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 bits each. */
const SECRET_BYTES = 32;
/** Links that were made and not used yet; the oldest gives way. */
const LINKS_MAX = 8;
const COOKIES_MAX = 64;

export class Access {
  /** Cookies are shared by all ports of a host: a name of its own keeps two servers apart. */
  readonly cookieName = `xdpeek-${randomBytes(4).toString('hex')}`;
  private readonly tokens: Buffer[] = [];
  private readonly cookies: Buffer[] = [];

  /** A new token for a link. */
  newToken(): string {
    return issue(this.tokens, LINKS_MAX);
  }

  /** @returns the Set-Cookie value for a token that is right and unused; from now on it is neither. */
  exchange(token: string): string | undefined {
    const at = find(this.tokens, token);
    if (at < 0) return undefined;
    this.tokens.splice(at, 1);
    const value = issue(this.cookies, COOKIES_MAX);
    return `${this.cookieName}=${value}; Path=/; HttpOnly; SameSite=Strict`;
  }

  /** Whether a Cookie header holds a cookie of ours. */
  admits(header: string | undefined): boolean {
    const prefix = `${this.cookieName}=`;
    const values = (header ?? '').split(';').map((pair) => pair.trim());
    return values.some((pair) => pair.startsWith(prefix) && find(this.cookies, pair.slice(prefix.length)) >= 0);
  }
}

/** Only digests are kept: comparing them takes the same time whatever was sent. */
function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

function issue(kept: Buffer[], most: number): string {
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  kept.push(digest(secret));
  if (kept.length > most) kept.shift();
  return secret;
}

function find(kept: readonly Buffer[], secret: string): number {
  const wanted = digest(secret);
  return kept.findIndex((known) => timingSafeEqual(known, wanted));
}
