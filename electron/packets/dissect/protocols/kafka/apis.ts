/**
 * Bodies of Kafka's requests and answers, by API key: which fields a version has, in the order of the protocol guide's message definitions. `last` is the
 * newest version that is known, `flexible` the first with compact types and tagged fields.
 */
import { API_NAMES } from '../../names/kafka.ts';
import { GROUP_APIS } from './apis-groups.ts';
import { fetch, produce, timeLabel } from './apis-records.ts';
import { F } from './fields.ts';
import type { Reader } from './reader.ts';

/** Shows or passes over a set of records. */
export type RecordSet = (r: Reader) => void;

export interface Api {
  last: number;
  flexible: number;
  request(r: Reader, records: RecordSet): void;
  /** @returns nothing; errors are in the reader */
  response(r: Reader, records: RecordSet): void;
  /** What a request's or an answer's Info says in parentheses. */
  about?(r: Reader, response: boolean): string | undefined;
}

const offsets: Api = {
  last: 9,
  flexible: 6,
  request(r) {
    r.i32(F.replica);
    if (r.version >= 2) r.i8(F.isolation);
    r.array(() => {
      r.text(F.topic);
      r.array(() => {
        const partition = r.i32(F.partition);
        if (r.version >= 4) r.i32(F.leaderEpoch);
        r.i64(F.time, timeLabel);
        if (r.version === 0) r.i32(F.maxOffsets);
        r.tags();
        return `Partition (ID=${partition})`;
      });
      r.tags();
      return 'Topic';
    });
    r.tags();
  },
  response(r) {
    if (r.version >= 2) r.i32(F.throttle);
    r.array(() => {
      r.text(F.topic);
      r.array(() => {
        const partition = r.i32(F.partition);
        r.error();
        if (r.version === 0) r.each(() => r.i64(F.offset));
        else {
          r.i64(F.time, timeLabel);
          r.i64(F.offset);
        }
        if (r.version >= 4) r.i32(F.leaderEpoch);
        r.tags();
        return `Partition (ID=${partition})`;
      });
      r.tags();
      return 'Topic';
    });
    r.tags();
  },
};

function brokers(r: Reader): void {
  r.group('Broker Metadata', () =>
    r.array(() => {
      const node = r.i32(F.node);
      const host = r.text(F.host);
      const port = r.i32(F.port);
      if (r.version >= 1) r.text(F.rack);
      r.tags();
      return `Broker (node ${node}: ${host ?? ''}:${port})`;
    }),
  );
}

function metadataPartition(r: Reader): string {
  r.error();
  const partition = r.i32(F.partition);
  r.i32(F.leader);
  if (r.version >= 7) r.i32(F.leaderEpoch);
  r.group('Replicas', () => r.each(() => r.i32(F.replica)));
  r.group('Caught-Up Replicas', () => r.each(() => r.i32(F.inSync)));
  if (r.version >= 5) r.group('Offline Replicas', () => r.each(() => r.i32(F.offline)));
  r.tags();
  return `Partition (ID=${partition})`;
}

const metadata: Api = {
  last: 13,
  flexible: 9,
  request(r) {
    r.array(() => {
      if (r.version >= 10) r.uuid('Topic ID');
      r.text(F.topic);
      r.tags();
      return 'Topic';
    });
    if (r.version >= 4) r.bool(F.autoCreate);
    if (r.version >= 8 && r.version <= 10) r.bool(F.askCluster);
    if (r.version >= 8) r.bool(F.askTopic);
    r.tags();
  },
  response(r) {
    if (r.version >= 3) r.i32(F.throttle);
    brokers(r);
    if (r.version >= 2) r.text(F.cluster);
    if (r.version >= 1) r.i32(F.controller);
    r.group('Topic Metadata', () =>
      r.array(() => {
        r.error();
        const topic = r.text(F.topic);
        if (r.version >= 10) r.uuid('Topic ID');
        if (r.version >= 1) r.bool(F.internal);
        r.array(() => metadataPartition(r));
        if (r.version >= 8) r.i32(F.topicRights);
        r.tags();
        return `Topic (${topic ?? ''})`;
      }),
    );
    if (r.version >= 8 && r.version <= 10) r.i32(F.clusterRights);
    if (r.version >= 13) r.error();
    r.tags();
  },
};

const versions: Api = {
  last: 4,
  flexible: 3,
  request(r) {
    if (r.version < 3) return;
    r.text(F.softwareName);
    r.text(F.softwareVersion);
    r.tags();
  },
  response(r) {
    r.error();
    r.array(() => {
      const key = r.i16(F.apiKey);
      const from = r.i16(F.minVersion);
      const to = r.i16(F.maxVersion);
      r.tags();
      return `API Version ${API_NAMES[key] ?? `Unknown ${key}`} (v${from === to ? from : `${from}-${to}`})`;
    });
    if (r.version >= 1) r.i32(F.throttle);
    r.tags();
  },
};

const saslHandshake: Api = {
  last: 1,
  flexible: 99,
  request: (r) => void r.text(F.mechanism),
  response(r) {
    r.error();
    r.group('Enabled SASL Mechanisms', () => r.each(() => r.text(F.mechanism)));
  },
};

const saslAuthenticate: Api = {
  last: 2,
  flexible: 2,
  request(r) {
    r.data(F.sasl);
    r.tags();
  },
  response(r) {
    r.error();
    r.text(F.errorMessage);
    r.data(F.sasl);
    if (r.version >= 1) r.i64(F.lifetime);
    r.tags();
  },
};

const producerId: Api = {
  last: 5,
  flexible: 2,
  request(r) {
    r.text(F.transaction);
    r.i32(F.transactionTimeout);
    if (r.version >= 3) {
      r.i64(F.producer);
      r.i16(F.producerEpoch);
    }
    r.tags();
  },
  response(r) {
    r.i32(F.throttle);
    r.error();
    r.i64(F.producer);
    r.i16(F.producerEpoch);
    r.tags();
  },
};

function configs(r: Reader, answered: boolean): void {
  r.array(() => {
    const key = r.text(F.configKey);
    r.text(F.configValue);
    if (answered) {
      r.bool(F.configReadOnly);
      r.i8(F.configSource);
      r.bool(F.configSensitive);
    }
    r.tags();
    return `Config (${key ?? ''})`;
  });
}

const createTopics: Api = {
  last: 7,
  flexible: 5,
  request(r) {
    r.array(() => {
      const topic = r.text(F.topic);
      r.i32(F.partitions);
      r.i16(F.replication);
      r.array(() => {
        const partition = r.i32(F.partition);
        r.each(() => r.i32(F.replica));
        r.tags();
        return `Partition (ID=${partition})`;
      });
      configs(r, false);
      r.tags();
      return `Topic (${topic ?? ''})`;
    });
    r.i32(F.timeout);
    if (r.version >= 1) r.bool(F.validateOnly);
    r.tags();
  },
  response(r) {
    if (r.version >= 2) r.i32(F.throttle);
    r.array(() => {
      const topic = r.text(F.topic);
      if (r.version >= 7) r.uuid('Topic ID');
      r.error();
      if (r.version >= 1) r.text(F.errorMessage);
      if (r.version >= 5) {
        r.i32(F.partitions);
        r.i16(F.replication);
        configs(r, true);
      }
      r.tags();
      return `Topic (${topic ?? ''})`;
    });
    r.tags();
  },
};

const deleteTopics: Api = {
  last: 6,
  flexible: 4,
  request(r) {
    r.array(() => {
      r.text(F.topic);
      if (r.version < 6) return undefined;
      r.uuid('Topic ID');
      r.tags();
      return 'Topic';
    });
    r.i32(F.timeout);
    r.tags();
  },
  response(r) {
    if (r.version >= 1) r.i32(F.throttle);
    r.array(() => {
      const topic = r.text(F.topic);
      if (r.version >= 6) r.uuid('Topic ID');
      r.error();
      if (r.version >= 5) r.text(F.errorMessage);
      r.tags();
      return `Topic (${topic ?? ''})`;
    });
    r.tags();
  },
};

export const APIS: ReadonlyMap<number, Api> = new Map([
  [0, produce],
  [1, fetch],
  [2, offsets],
  [3, metadata],
  ...GROUP_APIS,
  [17, saslHandshake],
  [18, versions],
  [19, createTopics],
  [20, deleteTopics],
  [22, producerId],
  [36, saslAuthenticate],
]);
