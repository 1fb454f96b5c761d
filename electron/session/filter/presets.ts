/** Capture filters worth a click. */
import type { FilterPreset } from '../../shared/api.ts';

const FIXED: readonly FilterPreset[] = [
  { id: 'icmp', label: 'ICMP and ICMPv6', filter: 'icmp or icmp6' },
  {
    id: 'new-tcp',
    label: 'New TCP connections',
    // libpcap's tcp[…] is IPv4 only: behind IPv6's fixed header the flags are at byte 53.
    filter: '(tcp[tcpflags] & (tcp-syn|tcp-ack) = tcp-syn) or (ip6[6] = 6 and ip6[53] & 0x12 = 2)',
  },
  {
    id: 'tcp-resets',
    label: 'TCP resets',
    filter: 'tcp[tcpflags] & tcp-rst != 0 or (ip6[6] = 6 and ip6[53] & 4 != 0)',
  },
  { id: 'dns', label: 'DNS and mDNS', filter: 'port 53 or port 5353' },
  { id: 'dhcp', label: 'DHCP', filter: 'udp and (port 67 or port 68 or port 546 or port 547)' },
  { id: 'arp', label: 'ARP', filter: 'arp' },
  { id: 'web', label: 'HTTP and HTTPS', filter: 'tcp port 80 or tcp port 443 or udp port 443' },
  { id: 'fragments', label: 'IP fragments', filter: 'ip[6:2] & 0x3fff != 0 or (ip6[6] = 44)' },
];

/** The SSH session that this process was started in (sshd: SSH_CONNECTION = client port server port). */
export function sshFilter(environment: Record<string, string | undefined>): string | undefined {
  const [client, clientPort, server, serverPort] = (environment['SSH_CONNECTION'] ?? '').split(' ');
  const address = /^[0-9a-fA-F.:]+$/;
  const port = /^\d{1,5}$/;
  if (!client || !server || !address.test(client) || !address.test(server)) return undefined;
  if (!port.test(clientPort ?? '') || !port.test(serverPort ?? '')) return undefined;
  return `not (tcp port ${serverPort} and tcp port ${clientPort} and host ${client} and host ${server})`;
}

export function filterPresets(environment: Record<string, string | undefined> = {}): FilterPreset[] {
  const ssh = sshFilter(environment);
  const mine: FilterPreset = {
    id: 'not-ssh',
    label: ssh ? 'Not my own SSH session' : 'No SSH',
    filter: ssh ?? 'not tcp port 22',
  };
  return [...FIXED, mine];
}
