/** How TLS 1.3 resumes a session (RFC 8446 §4.2.10, §4.2.11): the tickets that a client offers, the one that the server takes, room for early data. */
import type { Cursor } from '../../cursor.ts';
import { f } from '../../define.ts';
import type { Field } from '../../field.ts';

const name = (part: string) => `tls.handshake.extensions.psk.${part}`;

export const PSK_FIELDS = {
  pskIdentities: f.u16(name('identities.length'), 'Identities Length'),
  pskIdentityLength: f.u16(name('identity.identity_length'), 'Identity Length'),
  pskIdentity: f.bytes(name('identity.identity'), 'Identity'),
  pskAge: f.u32(name('identity.obfuscated_ticket_age'), 'Obfuscated Ticket Age'),
  pskBindersLength: f.u16(name('binders_len'), 'PSK Binders length'),
  pskBinders: f.none(name('binders'), 'PSK Binders'),
  pskSelected: f.u16(name('identity.selected'), 'Selected Identity'),
  maxEarlyData: f.u32('tls.early_data.max_early_data_size', 'Maximum Early Data Size'),
} satisfies Record<string, Field>;
const F = PSK_FIELDS;

/** Announced without more; a ticket says how much may be sent. */
export function earlyData(c: Cursor): void {
  if (c.left >= 4) c.u32(F.maxEarlyData);
}

export function preSharedKey(c: Cursor, client: boolean): void {
  c.group('Pre-Shared Key extension', c.left, () => {
    if (client) offered(c);
    else c.u16(F.pskSelected);
  });
}

function offered(c: Cursor): void {
  const end = c.at + 2 + c.u16(F.pskIdentities);
  while (c.at < end && c.left > 2) {
    const length = c.peek(2);
    c.group(`PSK Identity (length: ${length})`, 2 + length + 4, () => {
      c.u16(F.pskIdentityLength);
      c.data(F.pskIdentity, length);
      c.u32(F.pskAge);
    });
  }
  const length = c.u16(F.pskBindersLength);
  c.out.value(F.pskBinders, c.at, Math.max(0, Math.min(length, c.left)), null);
  c.skip(length);
}
