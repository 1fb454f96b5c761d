/** Bodies of what consumer groups ask: who coordinates, who is in, what was consumed. As apis.ts. */
import { errorName } from '../../names/kafka.ts';
import type { Api } from './apis.ts';
import { F } from './fields.ts';
import type { Reader } from './reader.ts';

const named = (group: string | undefined, member?: string): string =>
  `Group=${group ?? ''}${member === undefined ? '' : `, Member=${member}`}`;

const commit: Api = {
  last: 9,
  flexible: 8,
  request(r) {
    r.text(F.group);
    if (r.version >= 1) {
      r.i32(F.generation);
      r.text(F.member);
    }
    if (r.version >= 7) r.text(F.instance);
    if (r.version >= 2 && r.version <= 4) r.i64(F.retention);
    r.array(() => {
      const topic = r.text(F.topic);
      r.array(() => {
        const partition = r.i32(F.partition);
        const offset = r.i64(F.offset);
        if (r.version >= 6) r.i32(F.leaderEpoch);
        if (r.version === 1) r.time(F.commitTime);
        r.text(F.metadata);
        r.tags();
        return `Partition (ID=${partition}, Offset=${offset})`;
      });
      r.tags();
      return `Topic (Topic=${topic ?? ''})`;
    });
    r.tags();
  },
  response(r) {
    if (r.version >= 3) r.i32(F.throttle);
    r.array(() => {
      const topic = r.text(F.topic);
      r.array(() => {
        const partition = r.i32(F.partition);
        const error = r.error();
        r.tags();
        return `Partition (Partition-ID=${partition}, Error=${errorName(error) ?? 'Unknown'})`;
      });
      r.tags();
      return `Topic (Name=${topic ?? ''})`;
    });
    r.tags();
  },
  about: (r, response) => (response ? undefined : named(r.text(F.group))),
};

function askedTopics(r: Reader): void {
  r.group('Topics', () =>
    r.array(() => {
      const topic = r.text(F.topic);
      let partitions = 0;
      r.each(() => {
        partitions++;
        r.i32(F.partition);
      });
      r.tags();
      return `Topic (Topic: ${topic ?? ''}, Partitions: ${partitions})`;
    }),
  );
}

function fetchedTopics(r: Reader): void {
  r.group('Topics', () =>
    r.array(() => {
      const topic = r.text(F.topic);
      let partitions = 0;
      r.array(() => {
        partitions++;
        const partition = r.i32(F.partition);
        const offset = r.i64(F.offset);
        if (r.version >= 5) r.i32(F.leaderEpoch);
        r.text(F.metadata);
        r.error();
        r.tags();
        return `Partition (ID=${partition}, Offset=${offset})`;
      });
      r.tags();
      return `Topic (Topic: ${topic ?? ''}, Partitions: ${partitions})`;
    }),
  );
}

const fetched: Api = {
  last: 9,
  flexible: 6,
  request(r) {
    if (r.version >= 8)
      r.array(() => {
        const group = r.text(F.group);
        if (r.version >= 9) {
          r.text(F.member);
          r.i32(F.generation);
        }
        askedTopics(r);
        r.tags();
        return `Group (Group-ID=${group ?? ''})`;
      });
    else {
      r.text(F.group);
      askedTopics(r);
    }
    if (r.version >= 7) r.bool(F.requireStable);
    r.tags();
  },
  response(r) {
    if (r.version >= 3) r.i32(F.throttle);
    if (r.version >= 8)
      r.array(() => {
        const group = r.text(F.group);
        fetchedTopics(r);
        r.error();
        r.tags();
        return `Group (Group-ID=${group ?? ''})`;
      });
    else {
      fetchedTopics(r);
      if (r.version >= 2) r.error();
    }
    r.tags();
  },
};

function coordinator(r: Reader): string {
  const node = r.i32(F.node);
  const host = r.text(F.host);
  const port = r.i32(F.port);
  return `Coordinator (node ${node}: ${host ?? ''}:${port})`;
}

const find: Api = {
  last: 6,
  flexible: 3,
  request(r) {
    if (r.version === 0) r.text(F.group);
    else if (r.version <= 3) r.text(F.coordinatorKey);
    if (r.version >= 1) r.i8(F.coordinatorType);
    if (r.version >= 4) r.each(() => r.text(F.coordinatorKey));
    r.tags();
  },
  response(r) {
    if (r.version >= 1) r.i32(F.throttle);
    if (r.version >= 4)
      r.array(() => {
        r.text(F.coordinatorKey);
        const label = coordinator(r);
        r.error();
        r.text(F.errorMessage);
        r.tags();
        return label;
      });
    else {
      r.error();
      if (r.version >= 1) r.text(F.errorMessage);
      r.line(() => coordinator(r));
    }
    r.tags();
  },
  about: (r, response) => (response || r.version > 0 ? undefined : named(r.text(F.group))),
};

const join: Api = {
  last: 9,
  flexible: 6,
  request(r) {
    r.text(F.group);
    r.i32(F.sessionTimeout);
    if (r.version >= 1) r.i32(F.rebalanceTimeout);
    r.text(F.member);
    if (r.version >= 5) r.text(F.instance);
    r.text(F.protocolType);
    r.group('Group Protocols', () =>
      r.array(() => {
        const name = r.text(F.protocolName);
        r.data(F.protocolMetadata);
        r.tags();
        return `Group Protocol (Group-ID=${name ?? ''})`;
      }),
    );
    if (r.version >= 8) r.text(F.metadata);
    r.tags();
  },
  response(r) {
    if (r.version >= 2) r.i32(F.throttle);
    r.error();
    r.i32(F.generation);
    if (r.version >= 7) r.text(F.protocolType);
    r.text(F.protocolName);
    r.text(F.groupLeader);
    if (r.version >= 9) r.skip(1);
    r.text(F.member);
    r.group('Members', () =>
      r.array(() => {
        const member = r.text(F.member);
        if (r.version >= 5) r.text(F.instance);
        r.data(F.memberMetadata);
        r.tags();
        return `Member (Member=${member ?? ''})`;
      }),
    );
    r.tags();
  },
  about(r, response) {
    if (!response) {
      const group = r.text(F.group);
      r.skip(r.version >= 1 ? 8 : 4);
      return named(group, r.text(F.member) ?? '');
    }
    r.skip((r.version >= 2 ? 4 : 0) + 6);
    if (r.version >= 7) r.text(F.protocolType);
    r.text(F.protocolName);
    r.text(F.groupLeader);
    if (r.version >= 9) r.skip(1);
    return `Member=${r.text(F.member) ?? ''}`;
  },
};

/** Group, generation, member: how most of these begin. */
function generationOf(r: Reader): void {
  r.text(F.group);
  r.i32(F.generation);
  r.text(F.member);
  if (r.version >= 3) r.text(F.instance);
}
function aboutMember(r: Reader, response: boolean): string | undefined {
  if (response) return undefined;
  const group = r.text(F.group);
  r.skip(4);
  return named(group, r.text(F.member) ?? '');
}

const heartbeat: Api = {
  last: 4,
  flexible: 4,
  request(r) {
    generationOf(r);
    r.tags();
  },
  response(r) {
    if (r.version >= 1) r.i32(F.throttle);
    r.error();
    r.tags();
  },
  about: aboutMember,
};

const leave: Api = {
  last: 5,
  flexible: 4,
  request(r) {
    r.text(F.group);
    if (r.version < 3) r.text(F.member);
    else
      r.group('Members', () =>
        r.array(() => {
          const member = r.text(F.member);
          r.text(F.instance);
          if (r.version >= 5) r.text(F.metadata);
          r.tags();
          return `Member (Member=${member ?? ''})`;
        }),
      );
    r.tags();
  },
  response(r) {
    if (r.version >= 1) r.i32(F.throttle);
    r.error();
    if (r.version >= 3)
      r.group('Members', () =>
        r.array(() => {
          const member = r.text(F.member);
          r.text(F.instance);
          r.error();
          r.tags();
          return `Member (Member=${member ?? ''})`;
        }),
      );
    r.tags();
  },
  about(r, response) {
    if (response) return undefined;
    const group = r.text(F.group);
    return r.version < 3 ? named(group, r.text(F.member) ?? '') : named(group);
  },
};

const sync: Api = {
  last: 5,
  flexible: 4,
  request(r) {
    generationOf(r);
    if (r.version >= 5) {
      r.text(F.protocolType);
      r.text(F.protocolName);
    }
    r.group('Group Assignments', () =>
      r.array(() => {
        const member = r.text(F.member);
        r.data(F.assignment);
        r.tags();
        return `Group Assignment (Member=${member ?? ''})`;
      }),
    );
    r.tags();
  },
  response(r) {
    if (r.version >= 1) r.i32(F.throttle);
    r.error();
    if (r.version >= 5) {
      r.text(F.protocolType);
      r.text(F.protocolName);
    }
    r.data(F.assignment);
    r.tags();
  },
  about: aboutMember,
};

const describe: Api = {
  last: 5,
  flexible: 5,
  request(r) {
    r.each(() => r.text(F.group));
    if (r.version >= 3) r.bool(F.askGroup);
    r.tags();
  },
  response(r) {
    if (r.version >= 1) r.i32(F.throttle);
    r.array(() => {
      r.error();
      const group = r.text(F.group);
      r.text(F.groupState);
      r.text(F.protocolType);
      r.text(F.protocolName);
      r.array(() => {
        const member = r.text(F.member);
        if (r.version >= 4) r.text(F.instance);
        r.text(F.client);
        r.text(F.clientHost);
        r.data(F.memberMetadata);
        r.data(F.assignment);
        r.tags();
        return `Member (Member=${member ?? ''})`;
      });
      if (r.version >= 3) r.i32(F.groupRights);
      r.tags();
      return `Group (Group-ID=${group ?? ''})`;
    });
    r.tags();
  },
};

const list: Api = {
  last: 5,
  flexible: 3,
  request(r) {
    if (r.version >= 4) r.each(() => r.text(F.groupState));
    if (r.version >= 5) r.each(() => r.text(F.protocolType));
    r.tags();
  },
  response(r) {
    if (r.version >= 1) r.i32(F.throttle);
    r.error();
    r.array(() => {
      const group = r.text(F.group);
      r.text(F.protocolType);
      if (r.version >= 4) r.text(F.groupState);
      if (r.version >= 5) r.text(F.protocolType);
      r.tags();
      return `Group (Group-ID=${group ?? ''})`;
    });
    r.tags();
  },
};

export const GROUP_APIS: readonly (readonly [number, Api])[] = [
  [8, commit],
  [9, fetched],
  [10, find],
  [11, join],
  [12, heartbeat],
  [13, leave],
  [14, sync],
  [15, describe],
  [16, list],
];
