/**
 * Frames that no socket of ours can send: echo requests (b's kernel really answers them; ping needs no binary this way)
 * and tagged frames (no 802.1Q device is needed).
 */
import {
  concat,
  ETHERTYPE,
  echo,
  ethernet,
  icmp,
  icmpv6,
  ipv4,
  ipv6,
  PROTOCOL,
  pattern,
  u32,
  udp,
  type VlanTag,
} from '../frames/index.ts';
import { type Plan, PORT } from '../plan.ts';
import type { FrameSender } from './frame-sender.ts';
import { repeat } from './pace.ts';

/** Ten requests a second to each family; the payload begins with the time, as ping's does. */
export function sendEchoes({ a, b }: Plan, sender: FrameSender): void {
  const identifier = process.pid & 0xffff;
  let sequence = 0;
  const frame = (type: number, packet: Uint8Array) => ethernet({ source: a.mac, destination: b.mac, type }, packet);
  repeat(
    () => 100,
    () => {
      const rest = echo(identifier, sequence++ & 0xffff);
      const payload = concat(u32(Date.now() / 1000), u32((Date.now() % 1000) * 1000), pattern(48));
      const v4 = { source: a.ipv4, destination: b.ipv4 };
      const v6 = { source: a.ipv6, destination: b.ipv6 };
      const frames = [
        frame(
          ETHERTYPE.ipv4,
          ipv4({ ...v4, protocol: PROTOCOL.icmp, dontFragment: true }, icmp({ type: 8, rest }, payload)),
        ),
        frame(ETHERTYPE.ipv6, ipv6({ ...v6, nextHeader: PROTOCOL.icmpv6 }, icmpv6(v6, { type: 128, rest }, payload))),
      ];
      return sender.sendFrames({ ifname: a.ifname, frames });
    },
  );
}

/** Readings in VLAN 100, and now and then the same in a provider's tag (802.1ad). */
export function sendTagged({ a, b }: Plan, sender: FrameSender): void {
  const ends = { source: '10.43.0.1', destination: '10.43.0.2' };
  const ports = { sourcePort: PORT.syslog, destinationPort: PORT.syslog };
  let count = 0;
  repeat(
    () => 250,
    () => {
      const text = new TextEncoder().encode(
        `<134>1 demo-a sensor - - - reading ${count++}: ${(20 + Math.random()).toFixed(2)} degrees`,
      );
      const tags: VlanTag[] =
        count % 8 === 0 ? [{ id: 7, tpid: ETHERTYPE.qinq }, { id: 100 }] : [{ id: 100, priority: 5 }];
      const packet = ipv4({ ...ends, protocol: PROTOCOL.udp }, udp(ends, ports, text));
      const frame = ethernet({ source: a.mac, destination: b.mac, type: ETHERTYPE.ipv4, tags }, packet);
      return sender.sendFrames({ ifname: a.ifname, frames: [frame] });
    },
  );
}
