/** Every dissector, one line each. Order matters only where two claim the same key: the later one wins. */
import type { Protocol } from './dissection.ts';
import { arp } from './protocols/arp.ts';
import { bfd } from './protocols/bfd.ts';
import { bgp } from './protocols/bgp.ts';
import { data } from './protocols/data.ts';
import { dhcp } from './protocols/dhcp.ts';
import { dhcpv6 } from './protocols/dhcpv6.ts';
import { dns, llmnr, mdns } from './protocols/dns.ts';
import { eap, eapol } from './protocols/eapol.ts';
import { etherip } from './protocols/etherip.ts';
import { ethernet } from './protocols/ethernet.ts';
import { ftp } from './protocols/ftp.ts';
import { gre } from './protocols/gre.ts';
import { http } from './protocols/http.ts';
import { form, media, textLines } from './protocols/http-body.ts';
import { http2 } from './protocols/http2.ts';
import { http3 } from './protocols/http3.ts';
import { icmp } from './protocols/icmp.ts';
import { icmpv6 } from './protocols/icmpv6.ts';
import { igmp } from './protocols/igmp.ts';
import { imap } from './protocols/imap.ts';
import { ah, esp } from './protocols/ipsec.ts';
import { ipv4 } from './protocols/ipv4.ts';
import { ipv6 } from './protocols/ipv6.ts';
import { destinationOptions, fragment, hopByHop, routing } from './protocols/ipv6-extensions.ts';
import { kafka } from './protocols/kafka.ts';
import { lacp, slow } from './protocols/lacp.ts';
import { sll, sll2 } from './protocols/linux-cooked.ts';
import { llc } from './protocols/llc.ts';
import { lldp } from './protocols/lldp.ts';
import { memcache } from './protocols/memcache.ts';
import { mpls } from './protocols/mpls.ts';
import { mqtt } from './protocols/mqtt.ts';
import { nbns } from './protocols/nbns.ts';
import { nbdgm, nbss } from './protocols/netbios.ts';
import { netflow } from './protocols/netflow.ts';
import { ntp } from './protocols/ntp.ts';
import { nullLoopback } from './protocols/null-loopback.ts';
import { openvpn } from './protocols/openvpn.ts';
import { ospf } from './protocols/ospf.ts';
import { pgsql } from './protocols/pgsql.ts';
import { pop } from './protocols/pop.ts';
import { ipcp, ipv6cp, lcp, ppp, pppoed, pppoes } from './protocols/pppoe.ts';
import { quic, quicTls } from './protocols/quic.ts';
import { radiotap, wlanRadio } from './protocols/radiotap.ts';
import { radius } from './protocols/radius.ts';
import { rawIp } from './protocols/raw-ip.ts';
import { resp } from './protocols/resp.ts';
import { rtcp } from './protocols/rtcp.ts';
import { rtp, rtpEvent } from './protocols/rtp.ts';
import { sctp } from './protocols/sctp.ts';
import { sdp } from './protocols/sdp.ts';
import { sip } from './protocols/sip.ts';
import { smb1, smb2 } from './protocols/smb2.ts';
import { smtp } from './protocols/smtp.ts';
import { snmp } from './protocols/snmp.ts';
import { socks } from './protocols/socks.ts';
import { ssh } from './protocols/ssh.ts';
import { stp } from './protocols/stp.ts';
import { stun } from './protocols/stun.ts';
import { syslog } from './protocols/syslog.ts';
import { tcp } from './protocols/tcp.ts';
import { telnet } from './protocols/telnet.ts';
import { tftp } from './protocols/tftp.ts';
import { tls } from './protocols/tls.ts';
import { udp } from './protocols/udp.ts';
import { dot1ad, vlan } from './protocols/vlan.ts';
import { vrrp } from './protocols/vrrp.ts';
import { geneve, vxlan } from './protocols/vxlan.ts';
import { websocket } from './protocols/websocket.ts';
import { wireguard } from './protocols/wireguard.ts';
import { wlan } from './protocols/wlan.ts';
import { wlanAggregate } from './protocols/wlan-aggregate.ts';
import { bind } from './tables.ts';

export const PROTOCOLS: readonly Protocol[] = [
  ethernet,
  rawIp,
  vlan,
  dot1ad,
  radiotap,
  wlanRadio,
  wlan,
  wlanAggregate,
  llc,
  sll,
  sll2,
  nullLoopback,
  ppp,
  pppoed,
  pppoes,
  lcp,
  ipcp,
  ipv6cp,
  mpls,
  stp,
  slow,
  lacp,
  lldp,
  eapol,
  eap,
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
  igmp,
  gre,
  etherip,
  vrrp,
  ospf,
  sctp,
  tcp,
  udp,
  vxlan,
  geneve,
  dns,
  mdns,
  llmnr,
  dhcp,
  dhcpv6,
  ntp,
  syslog,
  stun,
  sip,
  sdp,
  rtcp,
  rtp,
  rtpEvent,
  netflow,
  bfd,
  snmp,
  radius,
  bgp,
  pgsql,
  resp,
  memcache,
  kafka,
  nbns,
  nbdgm,
  nbss,
  smb1,
  smb2,
  openvpn,
  pop,
  socks,
  telnet,
  tftp,
  wireguard,
  quic,
  quicTls,
  tls,
  http2,
  http3,
  http,
  websocket,
  ftp,
  smtp,
  imap,
  ssh,
  mqtt,
  textLines,
  form,
  media,
  data,
];

for (const protocol of PROTOCOLS) bind(protocol);
