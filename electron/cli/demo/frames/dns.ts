/** DNS messages in real wire format (RFC 1035): a query, and the answer to it. Names are not compressed but for 0xc00c. */
import { ascii, type Bytes, concat, ipBytes, u16, u32 } from './bytes.ts';

export const DNS_TYPE = { a: 1, aaaa: 28 } as const;

function encodeName(name: string): Bytes {
  const labels = name.split('.').filter((label) => label !== '');
  return concat(...labels.flatMap((label) => [Uint8Array.of(label.length), ascii(label)]), Uint8Array.of(0));
}

export function dnsQuery(id: number, name: string, type: number): Bytes {
  return concat(u16(id), u16(0x0100), u16(1), u16(0), u16(0), u16(0), encodeName(name), u16(type), u16(1));
}

/** Echoes the question of `query` and answers with `addresses`; none of them = NXDOMAIN. */
export function dnsAnswer(query: Uint8Array, addresses: readonly string[], ttlSeconds = 60): Bytes {
  const failed = addresses.length === 0;
  const records = addresses.map((address) => {
    const data = ipBytes(address);
    const type = data.length === 4 ? DNS_TYPE.a : DNS_TYPE.aaaa;
    return concat(u16(0xc00c), u16(type), u16(1), u32(ttlSeconds), u16(data.length), data);
  });
  return concat(
    query.subarray(0, 2),
    u16(failed ? 0x8183 : 0x8180),
    u16(1),
    u16(records.length),
    u16(0),
    u16(0),
    query.subarray(12),
    ...records,
  );
}
