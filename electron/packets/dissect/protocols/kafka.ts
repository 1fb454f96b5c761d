/** Apache Kafka's wire protocol (kafka.apache.org/protocol): the header of each message, and which request a response answers. */
import { own } from '../../state/conversations.ts';
import { decodeUtf8 } from '../../text/utf8.ts';
import { u16, u32 } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { f, protocol } from '../define.ts';
import type { Dissection, Layer, Protocol } from '../dissection.ts';
import { note } from '../notes.ts';
import { PDU_MORE, PDU_REST } from '../tcp-payload.ts';
import { tcpFacts } from './tcp-facts.ts';
import { fromServer } from './text-lines.ts';

const PORTS = [9092];
/** Brokers take 100 MiB at most unless they are told otherwise. */
const MAX_MESSAGE = 1 << 28;
/** Length of a string that is not there. */
const NO_NAME = 0xffff;
const MAX_WAITING = 10_000;
/** By API key. */
const NAMES = [
  'Produce',
  'Fetch',
  'Offsets',
  'Metadata',
  'LeaderAndIsr',
  'StopReplica',
  'UpdateMetadata',
  'ControlledShutdown',
  'OffsetCommit',
  'OffsetFetch',
  'FindCoordinator',
  'JoinGroup',
  'Heartbeat',
  'LeaveGroup',
  'SyncGroup',
  'DescribeGroups',
  'ListGroups',
  'SaslHandshake',
  'ApiVersions',
  'CreateTopics',
  'DeleteTopics',
  'DeleteRecords',
  'InitProducerId',
  'OffsetForLeaderEpoch',
  'AddPartitionsToTxn',
  'AddOffsetsToTxn',
  'EndTxn',
  'WriteTxnMarkers',
  'TxnOffsetCommit',
  'DescribeAcls',
  'CreateAcls',
  'DeleteAcls',
  'DescribeConfigs',
  'AlterConfigs',
  'AlterReplicaLogDirs',
  'DescribeLogDirs',
  'SaslAuthenticate',
  'CreatePartitions',
  'CreateDelegationToken',
  'RenewDelegationToken',
  'ExpireDelegationToken',
  'DescribeDelegationToken',
  'DeleteGroups',
  'ElectLeaders',
  'IncrementalAlterConfigs',
  'AlterPartitionReassignments',
  'ListPartitionReassignments',
  'OffsetDelete',
];
const nameOf = (key: number) => NAMES[key];
const F = {
  length: f.i32('kafka.len', 'Length'),
  key: f.u16('kafka.api_key', 'API Key', { names: nameOf }),
  requestKey: f.u16('kafka.request_key', 'API Key', { names: nameOf }),
  responseKey: f.u16('kafka.response_key', 'API Key', { names: nameOf }),
  version: f.u16('kafka.api_version', 'API Version'),
  requestVersion: f.u16('kafka.request.version', 'API Version'),
  responseVersion: f.u16('kafka.response.version', 'API Version'),
  correlation: f.i32('kafka.correlation_id', 'Correlation ID'),
  client: f.text('kafka.client_id', 'Client ID'),
  requestFrame: f.u32('kafka.request_frame', 'Request Frame'),
};

interface Request {
  key: number;
  version: number;
  /** Frame. */
  number: number;
}
interface Facts {
  server: boolean;
  /** The request itself, or the one that is answered. */
  request: Request | undefined;
}
const factsOf = (layer: Layer) => layer.facts as Facts;

const REQUESTS = Symbol('kafka');

function match(d: Dissection, layer: Layer, server: boolean): Request | undefined {
  const at = layer.start;
  const number = d.context?.number ?? 0;
  const asked: Request = { key: u16(d.bytes, at + 4), version: u16(d.bytes, at + 6), number };
  const conversation = layer.below && tcpFacts(layer.below)?.conversation;
  const waiting = conversation && own(conversation, REQUESTS, () => new Map<number, Request>());
  if (!server) {
    if (waiting && waiting.size >= MAX_WAITING) waiting.delete(waiting.keys().next().value!);
    waiting?.set(u32(d.bytes, at + 8), asked);
    return asked;
  }
  const correlation = u32(d.bytes, at + 4);
  const found = waiting?.get(correlation);
  waiting?.delete(correlation);
  return found;
}

function text(layer: Layer): string | undefined {
  const { server, request } = factsOf(layer);
  if (!request) return undefined;
  const { key, version } = request;
  return `${nameOf(key) ?? `Unknown-${key}`} v${version} ${server ? 'Response' : 'Request'}`;
}

export const kafka: Protocol = protocol({
  name: 'kafka',
  column: 'Kafka',
  title: 'Kafka',
  tint: 'tcp',
  minLength: 8,
  binds: { 'tcp.port': PORTS },
  fields: F,
  pdu(bytes, at, end) {
    if (end - at < 4) return PDU_MORE;
    const length = u32(bytes, at);
    return length < 4 || length > MAX_MESSAGE ? PDU_REST : 4 + length;
  },
  walk(d, layer) {
    const server = fromServer(d, layer, PORTS);
    layer.facts = { server, request: match(d, layer, server) } satisfies Facts;
    layer.headerLength = d.capturedEnd(layer) - layer.start;
    return undefined;
  },
  info(_d, layer) {
    const said = text(layer);
    return said ? `Kafka ${said}` : 'Kafka Response (Undecoded, Request Missing)';
  },
  label(_d, layer) {
    const said = text(layer);
    return said ? `Kafka (${said})` : 'Kafka';
  },
  emit(d, layer, out) {
    const c = Cursor.of(d, layer, out);
    c.u32(F.length);
    if (layer.short) return;
    const { server, request } = factsOf(layer);
    if (server) {
      c.u32(F.correlation);
      if (!request) note(out, 'warn', 'Undecoded', 'Request missing', c.at);
      else {
        const made = { generated: true };
        out.value(F.requestFrame, c.at, 0, request.number, made);
        out.value(F.responseKey, c.at, 0, request.key, { hidden: true });
        out.value(F.key, c.at, 0, request.key, made);
        out.value(F.responseVersion, c.at, 0, request.version, made);
      }
      return;
    }
    out.hidden(F.requestKey, c.at);
    c.u16(F.key);
    out.hidden(F.requestVersion, c.at);
    c.u16(F.version);
    c.u32(F.correlation);
    const length = c.peek(2);
    const name =
      length === NO_NAME ? '[ Null ]' : decodeUtf8(c.bytes.subarray(c.at + 2, Math.min(c.end, c.at + 2 + length)));
    out.value(F.client, c.at, 2 + (length === NO_NAME ? 0 : length), name);
  },
});
