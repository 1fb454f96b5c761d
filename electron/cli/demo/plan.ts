/** The demo network on paper: names, addresses, ports. Both traffic processes and the set-up read it here. */

export interface Side {
  netns: string;
  ifname: string;
  mac: string;
  ipv4: string;
  ipv6: string;
}

export interface Plan {
  /** Clients. Captures attach here: a sees its own requests leave and the answers come in. */
  a: Side;
  /** Servers. */
  b: Side;
}

/** More than one demo can run at a time (two windows, a test beside them): each takes a slot, 1 to SLOTS. */
export const SLOTS = 9;

export const PREFIX_V4 = 24;
export const PREFIX_V6 = 64;
/** An address of the subnet where nobody is: ARP asks for it in vain. */
export const NOBODY_V4 = '10.42.0.77';
export const BROADCAST_V4 = '10.42.0.255';

export const PORT = {
  dns: 53,
  http: 80,
  ntp: 123,
  syslog: 514,
  rtp: 5004,
  chat: 5222,
  /** Nobody listens: connections are refused. */
  closed: 8081,
  bulk: 9000,
} as const;

export function planOf(slot: number): Plan {
  const name = slot === 1 ? 'xdpeek-demo' : `xdpeek-demo${slot}`;
  return {
    a: { netns: `${name}-a`, ifname: 'xdpeek-demo-a', mac: '02:42:00:00:00:0a', ipv4: '10.42.0.1', ipv6: 'fd42::1' },
    b: { netns: `${name}-b`, ifname: 'xdpeek-demo-b', mac: '02:42:00:00:00:0b', ipv4: '10.42.0.2', ipv6: 'fd42::2' },
  };
}
