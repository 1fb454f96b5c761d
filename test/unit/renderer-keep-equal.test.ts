/** Parts of the status that say the same stay the same objects, so that what shows them is not drawn again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InspectorApi } from '../../electron/shared/api.ts';
import type { CaptureStatus } from '../../electron/shared/capture.ts';
import { follow } from '../../renderer/app/link.ts';
import { keepEqual } from '../../renderer/state/keep-equal.ts';
import { IDLE_STATUS, useSession } from '../../renderer/state/session.ts';

const status = () => ({ counters: { seen: 1, cpus: [1, 2] }, options: { targets: [{ ifname: 'eth0' }] }, error: null });

test('what is equal stays the same object, down to the smallest part', () => {
  const last = status();
  assert.equal(keepEqual(last, status()), last);
});

test('what changed is new all the way up, and its neighbours stay', () => {
  const last = status();
  const next = status();
  next.counters.cpus[1] = 3;
  const kept = keepEqual(last, next);
  assert.deepEqual(kept, next);
  assert.notEqual(kept, last);
  assert.notEqual(kept.counters, last.counters);
  assert.equal(kept.options, last.options);
});

test('parts that come, go, grow or become another kind are as they are told', () => {
  const cases: [unknown, unknown][] = [
    [{ a: 1 }, { a: 1, b: undefined }],
    [{ a: 1, b: 2 }, { a: 1 }],
    [[1, 2], [1]],
    [[1], [1, 2]],
    [[], {}],
    [{ 0: 1 }, [1]],
    [{ a: null }, { a: {} }],
    [{ a: { b: 1 } }, { a: null }],
    [1, '1'],
  ];
  for (const [last, next] of cases) {
    const kept = keepEqual(last, next);
    assert.notEqual(kept, last);
    assert.deepEqual(kept, next);
    assert.equal(Array.isArray(kept), Array.isArray(next));
  }
});

test('a status that says the same is a new one, for what ticks with it, of the same parts, for what shows them', () => {
  const hears = new Map<string, (status: CaptureStatus) => void>();
  const subscribe = (topic: string, hear: (status: CaptureStatus) => void) => {
    hears.set(topic, hear);
    return () => hears.delete(topic);
  };
  const undo = follow({ api: { subscribe, onClosed: () => () => {} } as unknown as InspectorApi });
  const tell = () => {
    hears.get('status')!(structuredClone({ ...IDLE_STATUS, notices: [{ level: 'warning', text: 'slow' }] }) as never);
    return useSession.getState().status;
  };
  const first = tell();
  const second = tell();
  assert.notEqual(second, first);
  assert.deepEqual(second, first);
  assert.equal(second.counters, first.counters);
  assert.equal(second.notices, first.notices);
  undo();
  assert.equal(hears.size, 0);
});
