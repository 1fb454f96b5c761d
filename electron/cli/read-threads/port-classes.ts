/**
 * What ports say of a payload, as far as the addon of lines (native/lines) must know it: protocols that it can read, and those that it cannot. Made of the
 * dissectors' own tables when the bundles are built: whoever reads a file does not load them for it.
 */
import '../../packets/dissect/index.ts';
import { heuristics, ports } from '../../packets/dissect/tables.ts';

/** PortClass of native/lines/recognise.h. */
const [TLS, HTTP, CLAIMED] = [1, 2, 3] as const;
const READ: Readonly<Record<string, number>> = { tls: TLS, http: HTTP };

/** Protocols whose bytes native/lines/recognise.cc knows. Those of UDP that nobody recognises without being told are not among them. */
const KNOWN = {
  tcp: ['tls', 'http', 'http2', 'sip', 'ssh'],
  udp: ['quic', 'rtcp', 'rtp', 'sip', 'stun', 'tftp', 'wg'],
} as const;

/** By port. */
export interface PortClasses {
  readonly tcp: readonly (readonly [port: number, portClass: number])[];
  readonly udp: readonly (readonly [port: number, portClass: number])[];
}

/** Throws where a protocol recognises bytes of which the addon knows nothing: it would print them as TCP or UDP. */
export function portClasses(): PortClasses {
  for (const transport of ['tcp', 'udp'] as const)
    for (const { name } of heuristics(transport))
      if (!(KNOWN[transport] as readonly string[]).includes(name))
        throw new Error(`${name} recognises bytes over ${transport}: native/lines/recognise.cc must know how`);
  const tcp = ports('tcp.port').map(([port, { name }]) => [port, READ[name] ?? CLAIMED] as const);
  // Of a strict protocol's ports its bytes decide, and they are known.
  const udp = ports('udp.port')
    .filter(([, { strict }]) => !strict)
    .map(([port]) => [port, CLAIMED] as const);
  return { tcp, udp };
}
