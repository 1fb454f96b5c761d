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

/** An owner does what the window can; a viewer looks on (viewer.ts). */
export type Role = 'owner' | 'viewer';

interface Known {
  readonly digest: Buffer;
  readonly role: Role;
}

export class Access {
  /** Cookies are shared by all ports of a host: a name of its own keeps two servers apart. */
  readonly cookieName = `xdpeek-${randomBytes(4).toString('hex')}`;
  private readonly tokens: Known[] = [];
  private readonly cookies: Known[] = [];

  /** A new token for a link. */
  newToken(role: Role = 'owner'): string {
    return issue(this.tokens, LINKS_MAX, role);
  }

  /** @returns the Set-Cookie value for a token that is right and unused; from now on it is neither. */
  exchange(token: string): string | undefined {
    const known = find(this.tokens, token);
    if (!known) return undefined;
    this.tokens.splice(this.tokens.indexOf(known), 1);
    const value = issue(this.cookies, COOKIES_MAX, known.role);
    return `${this.cookieName}=${value}; Path=/; HttpOnly; SameSite=Strict`;
  }

  /** Who a Cookie header with a cookie of ours stands for; undefined without one. */
  admits(header: string | undefined): Role | undefined {
    const prefix = `${this.cookieName}=`;
    const values = (header ?? '').split(';').map((pair) => pair.trim());
    for (const pair of values) {
      const known = pair.startsWith(prefix) ? find(this.cookies, pair.slice(prefix.length)) : undefined;
      if (known) return known.role;
    }
    return undefined;
  }
}

/** Only digests are kept: comparing them takes the same time whatever was sent. */
function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

function issue(kept: Known[], most: number, role: Role): string {
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  kept.push({ digest: digest(secret), role });
  if (kept.length > most) kept.shift();
  return secret;
}

function find(kept: readonly Known[], secret: string): Known | undefined {
  const wanted = digest(secret);
  return kept.find((known) => timingSafeEqual(known.digest, wanted));
}
