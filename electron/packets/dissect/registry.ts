/** Every dissector, one line each. Order matters only where two claim the same key: the later one wins. */
import type { Protocol } from './dissection.ts';
import { arp } from './protocols/arp.ts';
import { data } from './protocols/data.ts';
import { dns } from './protocols/dns.ts';
import { ethernet } from './protocols/ethernet.ts';
import { icmp } from './protocols/icmp.ts';
import { icmpv6 } from './protocols/icmpv6.ts';
import { ah, esp } from './protocols/ipsec.ts';
import { ipv4 } from './protocols/ipv4.ts';
import { ipv6 } from './protocols/ipv6.ts';
import { destinationOptions, fragment, hopByHop, routing } from './protocols/ipv6-extensions.ts';
import { llc } from './protocols/llc.ts';
import { rawIp } from './protocols/raw-ip.ts';
import { tcp } from './protocols/tcp.ts';
import { udp } from './protocols/udp.ts';
import { dot1ad, vlan } from './protocols/vlan.ts';
import { bind } from './tables.ts';

export const PROTOCOLS: readonly Protocol[] = [
  ethernet,
  rawIp,
  vlan,
  dot1ad,
  llc,
  arp,
  ipv4,
  ipv6,
  hopByHop,
  routing,
  fragment,
  destinationOptions,
  ah,
  esp,
  icmp,
  icmpv6,
  tcp,
  udp,
  dns,
  data,
];

for (const protocol of PROTOCOLS) bind(protocol);
