/** Bodies of what carries records: Produce and Fetch. As apis.ts. */
import type { Api } from './apis.ts';
import { F } from './fields.ts';
import type { Reader } from './reader.ts';

/** Times that ask for an offset. */
export const timeLabel = (value: bigint) =>
  value === -1n ? 'Time: -1 (latest)' : value === -2n ? 'Time: -2 (earliest)' : undefined;

export const produce: Api = {
  last: 12,
  flexible: 9,
  request(r, records) {
    if (r.version >= 3) r.text(F.transaction);
    r.i16(F.acks);
    r.i32(F.timeout);
    r.array(() => {
      const topic = r.text(F.topic);
      r.array(() => {
        const partition = r.i32(F.partition);
        records(r);
        r.tags();
        return `Partition (ID=${partition})`;
      });
      r.tags();
      return `Topic (Name=${topic ?? ''})`;
    });
    r.tags();
  },
  response(r) {
    r.array(() => {
      r.text(F.topic);
      r.array(() => {
        const partition = r.i32(F.partition);
        r.error();
        const offset = r.i64(F.offset);
        if (r.version >= 2) r.i64(F.time, timeLabel);
        if (r.version >= 5) r.i64(F.logStart);
        if (r.version >= 8) {
          r.array(() => {
            r.i32(F.batchIndex);
            r.text(F.batchError);
            r.tags();
            return 'Record Error';
          });
          r.text(F.errorMessage);
        }
        r.tags();
        return `Partition (ID=${partition}, Offset=${offset})`;
      });
      r.tags();
      return 'Topic';
    });
    if (r.version >= 1) r.i32(F.throttle);
    r.tags();
  },
};

/** A topic is its name, and since version 13 its id. */
function fetchTopic(r: Reader, inner: () => string): void {
  r.array(() => {
    if (r.version >= 13) r.uuid('Topic ID');
    else r.text(F.topic);
    let count = 0;
    r.array(() => {
      count++;
      return inner();
    });
    r.tags();
    return `Topic (${count} partitions)`;
  });
}

export const fetch: Api = {
  last: 17,
  flexible: 12,
  request(r) {
    if (r.version < 15) r.i32(F.replica);
    r.i32(F.maxWait);
    r.i32(F.minBytes);
    if (r.version >= 3) r.i32(F.maxBytes);
    if (r.version >= 4) r.i8(F.isolation);
    if (r.version >= 7) {
      r.i32(F.session);
      r.i32(F.sessionEpoch);
    }
    fetchTopic(r, () => {
      const partition = r.i32(F.partition);
      if (r.version >= 9) r.i32(F.leaderEpoch);
      const offset = r.i64(F.offset);
      if (r.version >= 12) r.i32(F.leaderEpoch);
      if (r.version >= 5) r.i64(F.logStart);
      r.i32(F.maxBytes);
      r.tags();
      return `Partition (ID=${partition}, Offset=${offset})`;
    });
    if (r.version >= 7)
      r.array(() => {
        if (r.version >= 13) r.uuid('Topic ID');
        else r.text(F.forgottenTopic);
        let count = 0;
        r.each(() => {
          count++;
          r.i32(F.forgottenPartition);
        });
        r.tags();
        return `Fetch Request Forgotten Topic Data (${count} partitions)`;
      });
    if (r.version >= 11) r.text(F.rack);
    r.tags();
  },
  response(r, records) {
    if (r.version >= 1) r.i32(F.throttle);
    if (r.version >= 7) {
      r.error();
      r.i32(F.session);
    }
    fetchTopic(r, () => {
      const partition = r.i32(F.partition);
      r.error();
      const offset = r.i64(F.offset);
      if (r.version >= 4) r.i64(F.stable);
      if (r.version >= 5) r.i64(F.logStart);
      if (r.version >= 4)
        r.group('Aborted Transactions', () =>
          r.array(() => {
            r.i64(F.producer);
            r.i64(F.firstOffset);
            r.tags();
            return 'Transaction';
          }),
        );
      if (r.version >= 11) r.i32(F.replica);
      records(r);
      r.tags();
      return `Partition (ID=${partition}, Offset=${offset})`;
    });
    r.tags();
  },
};
