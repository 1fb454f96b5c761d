/**
 * Numbers in bpf_printk messages, made readable. The helper has no format for addresses, so programs print them as integers; which number is what,
 * the word before it says. Addresses are taken as they lie in memory on a little-endian machine: the first byte is the lowest.
 *
 *     src: 1099780063234, dst: …, proto: 2048      → src: 02:77:00:00:00:01, dst: …, proto: IPv4 (0x0800)
 *     ipv4: 16846858, proto=17                     → ipv4: 10.16.1.1, proto=UDP (17)
 *     src: 1099780063234, …, proto: 8              → …, proto: IPv4 (0x0800), an h_proto in the order of the wire
 */
import { ETHERTYPES } from '../../packets/dissect/names/ethertypes.ts';
import { IP_PROTOCOLS } from '../../packets/dissect/names/ip-protocols.ts';

const NUMBER = String.raw`(0x[\da-f]{1,16}|\d{1,20})(?![\w.:])`;
const ANY_WORD =
  /(^|[^\w])((?:[a-z]+_)*(?:h_source|h_dest|smac|dmac|src|dst|source|dest|mac|eth|saddr|daddr|addr|ip|ipv4|ip4|proto|protocol|ethertype|type))([:=]\s?)/gi;
const NUMBER_HERE = new RegExp(NUMBER, 'iy');
const ETHERNET = /^(src|dst|source|dest)$|(^|_)(h_source|h_dest|smac|dmac|mac|eth)$/i;
const IPV4 = /(^|_)(saddr|daddr|addr|ip|ipv4|ip4|src|dst|source|dest)$/i;
const PROTOCOL = /(^|_)(proto|protocol|ethertype)$/i;

/** Those that are sent; their swapped numbers are none of an EtherType: IPv4, ARP, IPv6, VLAN tags, MPLS. */
const SWAPPED: ReadonlySet<number> = new Set([0x0800, 0x0806, 0x86dd, 0x8100, 0x88a8, 0x8847]);
/** A number of more than 32 bits behind a word for an address, or a word that says Ethernet. */
const FRAME = /(h_source|h_dest|smac|dmac|(^|\W)mac|(src|dst|source|dest)[:=]\s?(0x[\da-f]{9,12}|\d{11,15})\b)/i;

const U32 = 0xffffffffn;
const MAC_BITS = 48n;

export function decodeTrace(text: string): string {
  const ofFrames = FRAME.test(text);
  let decoded = '';
  let done = 0;
  ANY_WORD.lastIndex = 0;
  for (let found = ANY_WORD.exec(text); found; found = ANY_WORD.exec(text)) {
    NUMBER_HERE.lastIndex = ANY_WORD.lastIndex;
    const number = NUMBER_HERE.exec(text);
    if (!number) continue;
    const readable = readableNumber(found[2]!, number[1]!, ofFrames);
    if (readable === undefined) continue;
    decoded += text.slice(done, ANY_WORD.lastIndex) + readable;
    done = NUMBER_HERE.lastIndex;
    ANY_WORD.lastIndex = done;
  }
  return done === 0 ? text : decoded + text.slice(done);
}

function readableNumber(word: string, digits: string, ofFrames: boolean): string | undefined {
  const value = BigInt(digits);
  if (PROTOCOL.test(word)) return protocol(Number(value), ofFrames);
  // More than 32 bits are no IPv4 address, and no more than 48 are an Ethernet one.
  if (ETHERNET.test(word) && value > U32 && value >> MAC_BITS === 0n) return bytesOf(value, 6, 16, ':');
  if (/mac|eth$|h_(source|dest)$/i.test(word)) return value >> MAC_BITS === 0n ? bytesOf(value, 6, 16, ':') : undefined;
  // Small numbers beside such words are indexes and lengths rather than addresses 10.0.0.0 backwards.
  if (IPV4.test(word) && value > 0xffffn && value <= U32) return bytesOf(value, 4, 10, '.');
  return undefined;
}

function bytesOf(value: bigint, count: number, radix: 10 | 16, between: string): string {
  return Array.from({ length: count }, (_, at) => {
    const text = Number((value >> BigInt(8 * at)) & 0xffn).toString(radix);
    return radix === 16 ? text.padStart(2, '0') : text;
  }).join(between);
}

/**
 * EtherTypes begin at 1536; below are IP protocols. Beside Ethernet addresses both may be what `h_proto` is without bpf_ntohs.
 * @param ofFrames there are Ethernet addresses in the line
 */
function protocol(number: number, ofFrames: boolean): string | undefined {
  const swapped = ((number & 0xff) << 8) | (number >> 8);
  if (SWAPPED.has(swapped) && number <= 0xffff && (ofFrames || number >= 0x600)) return protocol(swapped, false);
  if (number >= 0x600 && number <= 0xffff) {
    const name = ETHERTYPES[number];
    return name && `${name} (0x${number.toString(16).padStart(4, '0')})`;
  }
  const name = IP_PROTOCOLS[number];
  return name && `${name} (${number})`;
}
