/** 150 capture filters as people write them, and packets that tell them apart. Every packet is at least an Ethernet header long. */
import { SAMPLES } from '../../golden/samples.ts';
import {
  concat,
  type Endpoint,
  ethernet,
  icmp,
  ipv4,
  numberedFrames,
  PROTOCOL,
  pattern,
  TCP_FLAG,
  tcp,
  u16,
  udpFrame,
} from './frames.ts';

const A: Endpoint & { mac: string } = { mac: '02:00:00:00:00:0a', ipv4: '10.0.0.1', ipv6: 'fd00::1' };
const B: Endpoint & { mac: string } = { mac: '02:00:00:00:00:0b', ipv4: '10.0.0.2', ipv6: 'fd00::2' };
const C: Endpoint & { mac: string } = { mac: '02:00:00:00:00:0c', ipv4: '192.168.7.9', ipv6: '2001:db8::9' };
const ends = { source: A.ipv4, destination: B.ipv4 };

function tcpFrame(flags: number, sourcePort: number, destinationPort: number, payload = new Uint8Array()): Uint8Array {
  const segment = tcp(
    ends,
    { sourcePort, destinationPort, flags, sequence: 1, acknowledgment: 2, window: 1000 },
    payload,
  );
  return ethernet(
    { source: A.mac, destination: B.mac, type: 0x0800 },
    ipv4({ ...ends, protocol: PROTOCOL.tcp }, segment),
  );
}

export function corpusPackets(): Uint8Array[] {
  const tags = (...ids: number[]) => ({ tags: ids.map((id) => ({ id })) });
  const packets = [
    ...Object.values(SAMPLES)
      .filter(({ linkType }) => linkType === 1)
      .flatMap(({ frames }) => frames.map(({ bytes }) => bytes)),
    ...[
      TCP_FLAG.syn,
      TCP_FLAG.syn | TCP_FLAG.ack,
      TCP_FLAG.ack,
      TCP_FLAG.fin | TCP_FLAG.ack,
      TCP_FLAG.rst,
      TCP_FLAG.psh | TCP_FLAG.ack,
    ].flatMap((flags) =>
      [80, 443, 22, 8080].flatMap((port) => [tcpFrame(flags, 50000, port), tcpFrame(flags, port, 50000, pattern(30))]),
    ),
    ...[53, 67, 68, 123, 5353, 9].flatMap((port) => [
      udpFrame(A, B, pattern(20), { destinationPort: port }),
      udpFrame(B, C, pattern(200), { destinationPort: port, family: 6 }),
    ]),
    ...[0, 1, 5, 42, 4095].map((id) => udpFrame(A, C, pattern(40), tags(id))),
    udpFrame(A, C, pattern(40), { ...tags(5, 42), family: 6 }),
    udpFrame(A, C, pattern(40), tags(1, 2, 3)),
    ...[0, 3, 8, 11, 13].map((type) =>
      ethernet(
        { source: A.mac, destination: 'ff:ff:ff:ff:ff:ff', type: 0x0800 },
        ipv4({ ...ends, protocol: PROTOCOL.icmp }, icmp({ type, rest: pattern(4) }, pattern(type))),
      ),
    ),
    ethernet(
      { source: C.mac, destination: '01:00:5e:00:00:fb', type: 0x0800 },
      ipv4({ source: C.ipv4, destination: '224.0.0.251', protocol: PROTOCOL.udp, ttl: 1 }, pattern(20)),
    ),
    ...[14, 15, 18, 20, 33, 34, 35, 37, 40, 42, 53, 54, 55].map((length) =>
      tcpFrame(TCP_FLAG.syn, 50000, 80, pattern(60)).subarray(0, length),
    ),
    concat(udpFrame(A, B, pattern(8)), u16(0)),
    ...[1000, 1472, 3400, 3600, 8000].map((size) => udpFrame(A, B, pattern(size), { destinationPort: 4000 })),
    ...numberedFrames(A, C, 8, 30),
  ];
  return packets.filter(({ length }) => length >= 14);
}

const PLAIN = `
ip|ip6|arp|rarp|tcp|udp|icmp|icmp6|igmp|sctp|esp|ah|vlan|mpls|pppoes|ether broadcast|ether multicast|ip multicast|ip6 multicast
port 80|src port 80|dst port 80|tcp port 443|udp port 53|tcp src port 22|tcp dst port 22|portrange 1-1024|tcp portrange 8000-9000|udp portrange 50-70
host 10.0.0.1|src host 10.0.0.1|dst host 10.0.0.2|host 192.168.7.9|net 10.0.0.0/8|src net 192.168.0.0/16|dst net 10.0.0.0/31|net 10|host fd00::1|src host 2001:db8::9
net fd00::/16|ip6 host fd00::2|ether host 02:00:00:00:00:0a|ether src 02:00:00:00:00:0b|ether dst 02:00:00:00:00:0b|ether proto 0x0806|ether proto 0x86dd|ip proto 17|ip proto 253|ip6 proto 6
tcp[tcpflags] & tcp-syn != 0|tcp[tcpflags] = tcp-syn|tcp[tcpflags] & (tcp-syn\\|tcp-fin) != 0|tcp[13] = 18|tcp[13] & 4 != 0|tcp[tcpflags] & (tcp-rst) != 0
icmp[icmptype] = icmp-echo|icmp[icmptype] != icmp-echo and icmp[icmptype] != icmp-echoreply|icmp[0] = 3|icmp6[0] = 128|ip6[40] = 135
ip[8] < 5|ip[8] = 64|ip[0] & 0xf != 5|ip[6:2] & 0x1fff != 0|ip[6] & 0x20 != 0|ip[2:2] > 576|ip6[6] = 44|ip6[4:2] > 100|udp[4:2] < 20|udp[8:4] = 0x00070e15
len > 100|len <= 60|greater 1000|less 64|len = 42|len % 2 = 0|ip[2:2] + 14 = len|ether[12:2] = 0x0800|ether[0] & 1 = 1|ether[10:4] = 0x000a0800
ether[13:2] = 0x0045|ether[14:4] = 0x45000032|ether[100:4] != 0|ether[4000] = 1|ether[3500:2] > 0|ether[len - 1] = 0|ether[len - 4:4] > 5|ether[ip[9]] = 4
vlan 42|vlan 5|vlan 5 and vlan 42|vlan and ip|vlan and ip6|vlan 42 and udp port 9|vlan and host 192.168.7.9|vlan 1 and vlan 2 and vlan 3|not vlan|vlan and tcp
not tcp|not port 22|not arp and not icmp|tcp or udp|tcp and port 80|udp and not port 53|(tcp port 80 or tcp port 443) and src host 10.0.0.1|ip and not (tcp or udp or icmp)
tcp port 80 and (tcp[tcpflags] & (tcp-syn\\|tcp-fin) != 0) and not src net 192.168.0.0/16|tcp port 80 and (((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0)
udp port 67 or udp port 68|udp port 123 and ip[8] > 1|port 53 and udp[10] & 0x80 = 0|ip6 and tcp|ip6 and udp port 5353|ip6 and not icmp6
ip[12:4] = ip[16:4]|ip[12:4] < ip[16:4]|ip[ip[0] & 15] > 3|ip[1] / 4 = 46|ip[4:2] * 3 % 7 = 1|ip[4:2] >> 3 & 1 = 1|(ip[4:2] << 2) & 0xf0 = 0x40|ip[8] - 1 = 63|(-ip[9]) = 0 - 17|ip[9] ^ 1 = 16
src or dst port 443|host 10.0.0.1 and not host 10.0.0.2|tcp and (port 22 or port 8080)|icmp[0] = 8 and icmp[1] = 0|icmp[icmptype] = icmp-unreach|icmp[icmptype] = icmp-timxceed
ip[9] = 17 and ip[20:2] > 1024|ether[6:4] = 0x02000000 and ether[10:2] = 0x000a|ether[14] >> 4 = 4|ether[14] & 0xf0 = 0x60|ip6[0:4] & 0xfffff != 0|ip6[7] = 64
tcp[0:2] = 50000|tcp[2:2] < 1000|tcp[12] >> 4 > 5|tcp[14:2] = 1000|tcp[4:4] = 1|udp[0:2] = udp[2:2]|arp[6:2] = 1|arp[6:2] = 2 and arp[14:4] = 0x0a000001|rarp or arp
broadcast|multicast|ether[0:4] = 0xffffffff|ip dst 224.0.0.251|dst net 224.0.0.0/4|ip src 10.0.0.1 and dst port 80|tcp dst portrange 400-500|less 60 and tcp
`;

export const FILTERS: string[] = PLAIN.trim()
  .split('\n')
  .flatMap((line) => line.split(/(?<!\\)\|/).map((each) => each.replaceAll('\\|', '|').trim()));
