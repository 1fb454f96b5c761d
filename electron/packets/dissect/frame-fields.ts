/** The Frame node: interface, pcapng packet options, verdict, times and lengths. Wireshark's `frame.*`. */
import { XDP_VERDICTS } from '../../shared/capture.ts';
import { VERDICT_KIND_TC, VERDICT_KIND_XDP } from '../pcap/options.ts';
import type { Dissection, FieldSink } from './dissection.ts';
import type { Field } from './field.ts';
import type { FrameInfo } from './frame.ts';

const DIRECTIONS = { 0: 'Unknown', 1: 'Inbound', 2: 'Outbound' };
const ENCAPSULATIONS: Record<number, [code: number, name: string]> = {
  1: [1, 'Ethernet'],
  101: [7, 'Raw IP'],
  12: [7, 'Raw IP'],
  0: [15, 'NULL/Loopback'],
  108: [15, 'NULL/Loopback'],
  9: [4, 'PPP'],
  50: [4, 'PPP'],
  105: [20, 'IEEE 802.11 Wireless LAN'],
  113: [25, 'Linux cooked-mode capture v1'],
  127: [23, 'IEEE 802.11 plus radiotap radio header'],
  276: [210, 'Linux cooked-mode capture v2'],
};

const bit = (name: string, title: string, mask: number): Field => ({
  name,
  title,
  type: 'boolean',
  mask,
  bits: 32,
  truth: ['Set', 'Not set'],
});

export const FRAME = {
  comment: { name: 'frame.comment', title: 'Comment', type: 'string' },
  interfaceId: { name: 'frame.interface_id', title: 'Interface id', type: 'uint32' },
  interfaceName: { name: 'frame.interface_name', title: 'Interface name', type: 'string' },
  interfaceDescription: { name: 'frame.interface_description', title: 'Interface description', type: 'string' },
  queue: { name: 'frame.interface_queue', title: 'Interface queue', type: 'uint32' },
  flags: { name: 'frame.packet_flags', title: 'Packet flags', type: 'uint32', base: 'hex' },
  direction: {
    name: 'frame.packet_flags_direction',
    title: 'Direction',
    type: 'uint32',
    base: 'hex',
    mask: 3,
    bits: 32,
    names: DIRECTIONS,
  },
  crcError: bit('frame.packet_flags_crc_error', 'CRC error', 0x1000000),
  sentOrReceived: {
    name: 'frame.p2p_dir',
    title: 'Point-to-Point Direction',
    type: 'int32',
    names: { 0: 'Sent', 1: 'Received' },
  },
  packetId: { name: 'frame.packet_id', title: 'Packet id', type: 'uint64' },
  verdict: { name: 'frame.verdict', title: 'Verdict', type: 'string' },
  verdictTc: { name: 'frame.verdict.ebpf_tc', title: 'eBPF TC', type: 'int64' },
  verdictXdp: { name: 'frame.verdict.ebpf_xdp', title: 'eBPF XDP', type: 'int64' },
  encapType: { name: 'frame.encap_type', title: 'Encapsulation type', type: 'int32' },
  time: { name: 'frame.time', title: 'Arrival Time', type: 'absolute-time' },
  timeEpoch: { name: 'frame.time_epoch', title: 'Epoch Time', type: 'relative-time' },
  timeDelta: { name: 'frame.time_delta', title: 'Time delta from previous captured frame', type: 'relative-time' },
  timeDeltaShown: {
    name: 'frame.time_delta_displayed',
    title: 'Time delta from previous displayed frame',
    type: 'relative-time',
  },
  timeRelative: { name: 'frame.time_relative', title: 'Time since reference or first frame', type: 'relative-time' },
  number: { name: 'frame.number', title: 'Frame Number', type: 'uint32' },
  len: { name: 'frame.len', title: 'Frame length on the wire', type: 'uint32' },
  capLen: { name: 'frame.cap_len', title: 'Frame length stored into the capture file', type: 'uint32' },
  marked: { name: 'frame.marked', title: 'Frame is marked', type: 'boolean', truth: ['True', 'False'] },
  reference: { name: 'frame.ref_time', title: 'This is a Time Reference frame', type: 'none' },
  dropCount: { name: 'frame.drop_count', title: 'Drop Count', type: 'uint64' },
  protocols: { name: 'frame.protocols', title: 'Protocols in frame', type: 'string' },
} satisfies Record<string, Field>;

const TC_ACTIONS: Record<string, string> = {
  '-1': 'TC_ACT_UNSPEC',
  '0': 'TC_ACT_OK',
  '1': 'TC_ACT_RECLASSIFY',
  '2': 'TC_ACT_SHOT',
  '3': 'TC_ACT_PIPE',
  '4': 'TC_ACT_STOLEN',
  '5': 'TC_ACT_QUEUED',
  '6': 'TC_ACT_REPEAT',
  '7': 'TC_ACT_REDIRECT',
  '8': 'TC_ACT_TRAP',
};

/** Everything here is known from outside the packet: no byte ranges. */
export function emitFrame(d: Dissection, frame: FrameInfo, protocols: () => string, out: FieldSink): void {
  const { options } = frame;
  const add = (field: Field, value: number | bigint | string, label?: string) =>
    out.value(field, 0, 0, value, label === undefined ? undefined : { label: `${field.title}: ${label}` });
  for (const comment of options?.comments ?? []) add(FRAME.comment, comment);
  const named = frame.interfaceName ? ` (${frame.interfaceName})` : '';
  out.open(FRAME.interfaceId, 0, 0, frame.interfaceId, { suffix: named });
  if (frame.interfaceName) add(FRAME.interfaceName, frame.interfaceName);
  if (frame.interfaceDescription) add(FRAME.interfaceDescription, frame.interfaceDescription);
  out.close();
  if (options?.queue !== undefined) add(FRAME.queue, options.queue);
  if (options?.flags !== undefined) emitFlags(options.flags, out);
  if (options?.packetId !== undefined) add(FRAME.packetId, options.packetId);
  if (options?.verdict) emitVerdict(options.verdict, out);
  const encapsulation = ENCAPSULATIONS[d.linkType];
  if (encapsulation) add(FRAME.encapType, encapsulation[0], `${encapsulation[1]} (${encapsulation[0]})`);
  add(FRAME.time, frame.epochNs);
  add(FRAME.timeEpoch, frame.epochNs);
  emitElapsed(FRAME.timeDelta, frame.deltaNs ?? 0, out);
  emitElapsed(FRAME.timeDeltaShown, frame.deltaShownNs ?? frame.deltaNs ?? 0, out);
  emitElapsed(FRAME.timeRelative, frame.sinceReferenceNs ?? frame.timeNs, out);
  if (frame.reference) out.value(FRAME.reference, 0, 0, null, { generated: true });
  add(FRAME.number, frame.number);
  const size = (bytes: number) => `${bytes} byte${bytes === 1 ? '' : 's'} (${bytes * 8} bits)`;
  out.value(FRAME.len, 0, 0, d.wireLen, { label: `Frame Length: ${size(d.wireLen)}` });
  out.value(FRAME.capLen, 0, 0, d.frame.length, { label: `Capture Length: ${size(d.frame.length)}` });
  if (options?.dropCount !== undefined) add(FRAME.dropCount, options.dropCount);
  out.value(FRAME.marked, 0, 0, frame.marked ?? false, {
    label: `Frame is marked: ${frame.marked ? 'True' : 'False'}`,
    generated: true,
  });
  if (out.asks(FRAME.protocols)) out.value(FRAME.protocols, 0, 0, protocols(), { generated: true });
}

function emitElapsed(field: Field, ns: number, out: FieldSink): void {
  out.value(field, 0, 0, BigInt(Math.round(ns)), { generated: true });
}

function emitFlags(flags: number, out: FieldSink): void {
  out.open(FRAME.flags, 0, 0, flags);
  const direction = flags & 3;
  const name = DIRECTIONS[direction as 0 | 1 | 2] ?? 'Unknown';
  out.value(FRAME.direction, 0, 0, direction, { label: `Direction: ${name} (0x${direction})` });
  if (name !== 'Unknown') out.value(FRAME.sentOrReceived, 0, 0, Number(direction === 1), { hidden: true });
  const bad = (flags & 0x1000000) !== 0;
  out.value(FRAME.crcError, 0, 0, bad, {
    label: `CRC error: ${bad ? 'Set' : 'Not set'}`,
    ...(bad && { severity: 'error' as const }),
  });
  out.close();
}

function emitVerdict({ kind, value }: { kind: number; value: bigint }, out: FieldSink): void {
  const xdp = XDP_VERDICTS[Number(value)];
  if (kind === VERDICT_KIND_XDP) {
    out.open(FRAME.verdict, 0, 0, 'eBPF_XDP (2)');
    const name = xdp ? `XDP_${xdp.toUpperCase()} (${value})` : String(value);
    out.value(FRAME.verdictXdp, 0, 0, value, { label: `eBPF XDP: ${name}` });
    out.close();
  } else if (kind === VERDICT_KIND_TC) {
    out.open(FRAME.verdict, 0, 0, 'eBPF_TC (1)');
    const name = TC_ACTIONS[String(value)];
    out.value(FRAME.verdictTc, 0, 0, value, { label: `eBPF TC: ${name ? `${name} (${value})` : value}` });
    out.close();
  }
}
