/** Fields that a plain packet's headers give without a dissection, and which protocols it cannot have. */
import { u16, u32 } from '../dissect/bytes.ts';
import { FIELDS, FRAME_OWNER } from '../dissect/fields.ts';
import { PROTOCOLS } from '../dissect/registry.ts';
import type { Datum } from './datum.ts';
import { isLeaf, isSimple, type PlainPacket, TCP, UDP } from './plain-packet.ts';

export type Give = (packet: PlainPacket, to: Datum[]) => void;

interface PlainField {
  /** Whether the packet has the layer that the field is of. */
  has(packet: PlainPacket): boolean;
  give: Give;
}

const eth = ({ link }: PlainPacket) => link >= 0;
const ip = ({ six }: PlainPacket) => !six;
const ipv6 = ({ six }: PlainPacket) => six;
const tcp = ({ protocol }: PlainPacket) => protocol === TCP;
const udp = ({ protocol }: PlainPacket) => protocol === UDP;

const byte =
  (at: number): Give =>
  ({ bytes, network }, to) =>
    to.push(bytes[network + at]!);
const ipv4 =
  (at: number): Give =>
  ({ bytes, network }, to) =>
    to.push(u32(bytes, network + at));
const bytesOf =
  (at: number, length: number, base: (packet: PlainPacket) => number): Give =>
  (packet, to) =>
    to.push(packet.bytes.subarray(base(packet) + at, base(packet) + at + length));
const network = (packet: PlainPacket) => packet.network;
const link = (packet: PlainPacket) => packet.link;
const both =
  (first: Give, second: Give): Give =>
  (packet, to) => {
    first(packet, to);
    second(packet, to);
  };
const source: Give = (packet, to) => to.push(packet.source);
const destination: Give = (packet, to) => to.push(packet.destination);
const flags = ({ bytes, transport }: PlainPacket) => u16(bytes, transport + 12) & 0x0fff;
const flag = (mask: number): PlainField => ({
  has: tcp,
  give: (packet, to) => to.push((flags(packet) & mask) !== 0 ? 1 : 0),
});

const PLAIN: Readonly<Record<string, PlainField>> = {
  'eth.dst': { has: eth, give: bytesOf(0, 6, link) },
  'eth.src': { has: eth, give: bytesOf(6, 6, link) },
  'eth.addr': { has: eth, give: both(bytesOf(0, 6, link), bytesOf(6, 6, link)) },
  'ip.ttl': { has: ip, give: byte(8) },
  'ip.proto': { has: ip, give: byte(9) },
  'ip.len': { has: ip, give: ({ bytes, network: at }, to) => to.push(u16(bytes, at + 2)) },
  'ip.src': { has: ip, give: ipv4(12) },
  'ip.dst': { has: ip, give: ipv4(16) },
  'ip.addr': { has: ip, give: both(ipv4(12), ipv4(16)) },
  'ipv6.hlim': { has: ipv6, give: byte(7) },
  'ipv6.src': { has: ipv6, give: bytesOf(8, 16, network) },
  'ipv6.dst': { has: ipv6, give: bytesOf(24, 16, network) },
  'ipv6.addr': { has: ipv6, give: both(bytesOf(8, 16, network), bytesOf(24, 16, network)) },
  'tcp.srcport': { has: tcp, give: source },
  'tcp.dstport': { has: tcp, give: destination },
  'tcp.port': { has: tcp, give: both(source, destination) },
  'tcp.flags': { has: tcp, give: (packet, to) => to.push(flags(packet)) },
  'tcp.flags.fin': flag(0x001),
  'tcp.flags.syn': flag(0x002),
  'tcp.flags.reset': flag(0x004),
  'tcp.flags.push': flag(0x008),
  'tcp.flags.ack': flag(0x010),
  'udp.srcport': { has: udp, give: source },
  'udp.dstport': { has: udp, give: destination },
  'udp.port': { has: udp, give: both(source, destination) },
};

/** Layers of plain packets. */
const LAYERS: Readonly<Record<string, (packet: PlainPacket) => boolean>> = {
  eth,
  ip,
  ipv6,
  tcp,
  udp,
  vlan: ({ tags }) => tags >= 0,
};

/** What a plain packet has of a field: nothing, or what `give` says, or one must look. */
export type Knowledge = (packet: PlainPacket) => 'absent' | 'unknown' | Give;

const UNKNOWN: Knowledge = () => 'unknown';

/** @param name a field or a protocol */
export function knowledgeOf(name: string): Knowledge {
  const plain = PLAIN[name];
  if (plain) return (packet) => (plain.has(packet) ? plain.give : 'absent');
  const info = FIELDS.get(name);
  const owners = info?.type === 'protocol' ? [name] : [...(info?.owners ?? [])];
  if (owners.length === 0 || owners.includes(FRAME_OWNER)) return UNKNOWN;
  const may = owners.map(mayHave);
  const known = info!.type === 'protocol' && LAYERS[name];
  if (known) return (packet) => (known(packet) ? THERE : 'absent');
  return (packet) => (may.some((test) => test(packet)) ? 'unknown' : 'absent');
}

/** For tests of presence: the protocol's bytes are not asked for. */
const THERE: Give = (_packet, to) => to.push(1);

/** Whether a plain packet may have this protocol. */
function mayHave(owner: string): (packet: PlainPacket) => boolean {
  const layer = LAYERS[owner];
  if (layer) return layer;
  const protocol = PROTOCOLS.find(({ name }) => name === owner);
  if (!protocol) return () => true;
  const { binds, heuristic } = protocol;
  const tables = Object.keys(binds);
  const overPorts = tables.some((table) => table === 'tcp.port' || table === 'udp.port');
  // Found by an EtherType, a protocol number…: plain packets end at TCP and UDP, and nothing that these carry leads back.
  if (tables.length > 0 && !overPorts && !heuristic && !decodable(protocol)) return () => false;
  if (!isSimple(owner)) return () => true;
  if (!isLeaf(owner)) return ({ above }) => above === undefined || !isLeaf(above);
  return ({ above, protocol: transport }) =>
    above === owner || (above === undefined && heuristic?.[transport === TCP ? 'tcp' : 'udp'] !== undefined);
}

function decodable({ decodeAs }: { decodeAs?: readonly string[] }): boolean {
  return decodeAs !== undefined;
}
