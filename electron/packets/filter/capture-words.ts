/** Capture filters (pcap-filter(7)) that are typed where a display filter belongs: everybody does, and each has a way to be said here. */

const PRIMITIVE =
  /^[\s(!]*(?:not\s+)?(?:(ether|ip6?|arp|tcp|udp|sctp)\s+)?(?:(src|dst)\s+)?(host|net|port)\s+([\w.:/-]+)|^[\s(!]*(?:not\s+)?(src|dst)\s+([\d.:a-f/]+)/i;

/** The first condition of it as a display filter; undefined when the text does not begin as a capture filter does. */
export function saidHere(text: string): string | undefined {
  const found = PRIMITIVE.exec(text);
  if (!found) return undefined;
  const [, protocol = '', side = found[5] ?? '', kind = 'host', value = found[6] ?? ''] = found.map((each) =>
    each?.toLowerCase(),
  );
  if (kind === 'port') {
    const name = side === '' ? 'port' : `${side}port`;
    const protocols = protocol === 'tcp' || protocol === 'udp' || protocol === 'sctp' ? [protocol] : ['tcp', 'udp'];
    return protocols.map((each) => `${each}.${name} == ${value}`).join(' || ');
  }
  const name = side === '' ? 'addr' : side;
  if (protocol === 'ether') return `eth.${name} == ${value}`;
  return `${protocol === 'ip6' || value.includes(':') ? 'ipv6' : 'ip'}.${name} == ${value}`;
}
