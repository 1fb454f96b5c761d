/** tcp.analysis.*: how the analysis shows in the tree and in the Info column. Wording is Wireshark's. */
import { A, type Analysis } from '../../state/tcp-analysis.ts';
import type { FieldSink } from '../dissection.ts';
import type { Field } from '../field.ts';
import { expert } from '../notes.ts';
import type { TcpFacts } from './tcp-facts.ts';

const flag = (name: string, title: string): Field => ({ name: `tcp.analysis.${name}`, title, type: 'none' });

const F = {
  tree: { name: 'tcp.analysis', title: 'SEQ/ACK analysis', type: 'none' },
  acksFrame: { name: 'tcp.analysis.acks_frame', title: 'This is an ACK to the segment in frame', type: 'uint32' },
  ackRtt: { name: 'tcp.analysis.ack_rtt', title: 'The RTT to ACK the segment was', type: 'relative-time' },
  initialRtt: { name: 'tcp.analysis.initial_rtt', title: 'iRTT', type: 'relative-time' },
  inFlight: { name: 'tcp.analysis.bytes_in_flight', title: 'Bytes in flight', type: 'uint32' },
  pushBytes: { name: 'tcp.analysis.push_bytes_sent', title: 'Bytes sent since last PSH flag', type: 'uint32' },
  flags: { name: 'tcp.analysis.flags', title: 'TCP Analysis Flags', type: 'none' },
  dupNumber: { name: 'tcp.analysis.duplicate_ack_num', title: 'Duplicate ACK #', type: 'uint32' },
  dupFrame: { name: 'tcp.analysis.duplicate_ack_frame', title: 'Duplicate to the ACK in frame', type: 'uint32' },
  rto: { name: 'tcp.analysis.rto', title: 'The RTO for this segment was', type: 'relative-time' },
  rtoFrame: { name: 'tcp.analysis.rto_frame', title: 'RTO based on delta from frame', type: 'uint32' },
} satisfies Record<string, Field>;

const DUPLICATE = flag('duplicate_ack', 'Duplicate ACK');

/** In the order in which Info names them. `text` is Info's word. */
const FLAGS: { bit: number; field: Field; text: string; severity: 'chat' | 'note' | 'warn'; what: string }[] = [
  {
    bit: A.fastRetransmission,
    field: flag('fast_retransmission', 'Fast retransmission'),
    text: 'TCP Fast Retransmission',
    severity: 'note',
    what: 'This frame is a (suspected) fast retransmission',
  },
  {
    bit: A.spuriousRetransmission,
    field: flag('spurious_retransmission', 'Spurious retransmission'),
    text: 'TCP Spurious Retransmission',
    severity: 'note',
    what: 'This frame is a (suspected) spurious retransmission',
  },
  {
    bit: A.retransmission,
    field: flag('retransmission', 'Retransmission'),
    text: 'TCP Retransmission',
    severity: 'note',
    what: 'This frame is a (suspected) retransmission',
  },
  {
    bit: A.outOfOrder,
    field: flag('out_of_order', 'Out-of-order segment'),
    text: 'TCP Out-Of-Order',
    severity: 'warn',
    what: 'This frame is a (suspected) out-of-order segment',
  },
  {
    bit: A.reusedPorts,
    field: flag('reused_ports', 'TCP Port numbers reused'),
    text: 'TCP Port numbers reused',
    severity: 'note',
    what: 'A new tcp session is started with the same ports as an earlier session in this trace',
  },
  {
    bit: A.lostSegment,
    field: flag('lost_segment', 'Previous segment not captured'),
    text: 'TCP Previous segment not captured',
    severity: 'warn',
    what: 'Previous segment(s) not captured (common at capture start)',
  },
  {
    bit: A.ackLostSegment,
    field: flag('ack_lost_segment', 'ACKed segment that was not captured'),
    text: 'TCP ACKed unseen segment',
    severity: 'warn',
    what: "ACKed segment that wasn't captured (common at capture start)",
  },
  {
    bit: A.windowUpdate,
    field: flag('window_update', 'Window update'),
    text: 'TCP Window Update',
    severity: 'chat',
    what: 'TCP window update',
  },
  {
    bit: A.windowFull,
    field: flag('window_full', 'Window full'),
    text: 'TCP Window Full',
    severity: 'warn',
    what: 'TCP window specified by the receiver is now completely full',
  },
  {
    bit: A.keepAlive,
    field: flag('keep_alive', 'Keep Alive'),
    text: 'TCP Keep-Alive',
    severity: 'note',
    what: 'TCP keep-alive segment',
  },
  {
    bit: A.keepAliveAck,
    field: flag('keep_alive_ack', 'Keep Alive ACK'),
    text: 'TCP Keep-Alive ACK',
    severity: 'note',
    what: 'ACK to a TCP keep-alive segment',
  },
  {
    bit: A.duplicateAck,
    field: DUPLICATE,
    text: 'TCP Dup ACK',
    severity: 'note',
    what: 'Duplicate ACK',
  },
  {
    bit: A.zeroWindowProbe,
    field: flag('zero_window_probe', 'Zero Window Probe'),
    text: 'TCP ZeroWindowProbe',
    severity: 'note',
    what: 'TCP Zero Window Probe',
  },
  {
    bit: A.zeroWindowProbeAck,
    field: flag('zero_window_probe_ack', 'Zero Window Probe Ack'),
    text: 'TCP ZeroWindowProbeAck',
    severity: 'note',
    what: 'ACK to a TCP Zero Window Probe',
  },
  {
    bit: A.zeroWindow,
    field: flag('zero_window', 'Zero Window'),
    text: 'TCP ZeroWindow',
    severity: 'warn',
    what: 'TCP Zero Window segment',
  },
];

/** The tree says the acknowledgement of a probe last. */
const IN_TREE = [...FLAGS].sort(
  (a, b) => Number(a.bit === A.zeroWindowProbeAck) - Number(b.bit === A.zeroWindowProbeAck),
);

export const TCP_ANALYSIS_FIELDS: Record<string, Field> = {
  ...Object.fromEntries(Object.entries(F).map(([key, field]) => [`analysis_${key}`, field as Field])),
  ...Object.fromEntries(FLAGS.map(({ field }) => [field.name, field])),
};

/** "[TCP Retransmission] " and the like; empty where nothing is wrong. */
export function analysisInfo(analysis: Analysis | undefined): string {
  if (!analysis || analysis.flags === 0) return '';
  let text = '';
  for (const { bit, text: word } of FLAGS) {
    if (!(analysis.flags & bit)) continue;
    if (bit === A.retransmission && analysis.flags & (A.fastRetransmission | A.spuriousRetransmission)) continue;
    text += bit === A.duplicateAck ? `[TCP Dup ACK ${analysis.dupAckFrame}#${analysis.dupAckNumber}] ` : `[${word}] `;
  }
  return text;
}

/** Sent again after its time had run out: neither fast nor for nothing. */
export const wasSent = ({ flags }: Analysis): boolean =>
  (flags & A.retransmission) !== 0 && (flags & (A.fastRetransmission | A.spuriousRetransmission)) === 0;

export const repeats = (analysis: Analysis): boolean =>
  wasSent(analysis) || (analysis.flags & (A.spuriousRetransmission | A.outOfOrder)) !== 0;

export function emitAnalysis({ analysis }: TcpFacts, at: number, out: FieldSink): void {
  if (!analysis) return;
  const time = (field: Field, ns: number | undefined) => {
    if (ns !== undefined) out.value(field, at, 0, BigInt(Math.round(ns)), { generated: true });
  };
  const number = (field: Field, value: number | undefined) => {
    if (value !== undefined) out.value(field, at, 0, value, { generated: true });
  };
  out.open(F.tree, at, 0, null, { generated: true });
  number(F.acksFrame, analysis.acksFrame);
  time(F.ackRtt, analysis.ackRttNs);
  time(F.initialRtt, analysis.initialRttNs);
  number(F.inFlight, analysis.bytesInFlight);
  number(F.pushBytes, analysis.pushBytes);
  if (analysis.flags !== 0) {
    out.open(F.flags, at, 0, null, { generated: true });
    for (const { bit, field, severity, what } of IN_TREE)
      if (analysis.flags & bit) {
        const words = bit === A.duplicateAck ? `${what} (#${analysis.dupAckNumber})` : what;
        out.value(field, at, 0, null, expert(severity, 'Sequence', words));
      }
    // As Wireshark has it: the flag and its note are fields of one name.
    if (analysis.flags & A.duplicateAck) out.value(DUPLICATE, at, 0, null, { hidden: true });
    out.close();
    time(F.rto, analysis.rtoNs);
    number(F.rtoFrame, analysis.rtoFrame);
    number(F.dupNumber, analysis.dupAckNumber);
    number(F.dupFrame, analysis.dupAckFrame);
  }
  out.close();
}
