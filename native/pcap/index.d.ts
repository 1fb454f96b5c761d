/** The unprivileged addon over libpcap (dist/native/xdpeek-pcap.node). */

/**
 * Compiles pcap-filter(7) text for a link type (LINKTYPE_*), optimised: four numbers an instruction (code, jt, jf, k). Throws Error with
 * libpcap's message. Names of hosts and networks are looked up by libpcap.
 */
export function compile(text: string, linkType: number, snaplen: number): number[];
/** "libpcap version 1.10.3 (with TPACKET_V3)". */
export function version(): string;
