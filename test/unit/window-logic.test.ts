/** The window's pure logic: figures that keep their width, chart maths, rates from counters, keys, and what a choice asks for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InterfaceInfo } from '../../electron/shared/capture.ts';
import { likeliest } from '../../renderer/app/first-view.ts';
import { axisLabel, niceTop, peak, timeTicks, timeWindow, toRows } from '../../renderer/features/live/chart-data.ts';
import { hookChoiceOf, targetsOf } from '../../renderer/state/capture-control.ts';
import { keysOf, matches, registerCommand, runCommand } from '../../renderer/state/commands.ts';
import { groupByNetns, ratesOf, track } from '../../renderer/state/interfaces.ts';
import { valueAxis } from '../../renderer/ui/chart-axis.ts';
import {
  bitRate,
  bytes,
  compact,
  count,
  duration,
  grouped,
  packetRate,
  scaled,
  sentence,
} from '../../renderer/ui/format.ts';

function iface(over: Partial<InterfaceInfo>): InterfaceInfo {
  return {
    ifindex: 2,
    ifname: 'eth0',
    mtu: 1500,
    up: true,
    running: true,
    loopback: false,
    linkType: 1,
    rxQueues: 1,
    addresses: [],
    xdpNative: 'yes',
    attached: [],
    rxPackets: 0,
    rxBytes: 0,
    rxDropped: 0,
    txPackets: 0,
    txBytes: 0,
    txDropped: 0,
    ...over,
  };
}

test('figures never exceed four characters, at every magnitude', () => {
  for (let value = 0; value < 2e14; value = value * 1.07 + 0.013) {
    const [figure] = scaled(value);
    assert.ok(figure.length <= 4, `${value} → ${figure}`);
    const shown = Number(figure) * { '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12 }[scaled(value)[1]]!;
    assert.ok(Math.abs(shown - value) <= Math.max(0.5, value * 0.006), `${value} → ${shown}`);
  }
});

test('figures and units as people read them', () => {
  assert.equal(compact(0), '0');
  assert.equal(compact(999), '999');
  assert.equal(compact(999.7), '1.00k');
  assert.equal(compact(45_678), '45.7k');
  assert.equal(bitRate(1_234_000), '1.23 Mbit/s');
  assert.equal(packetRate(7.25), '7.3 pps');
  assert.equal(bytes(1500), '1.50 kB');
  assert.equal(grouped(1_234_567), '1,234,567');
  assert.equal(count(1, 'packet'), '1 packet');
  assert.equal(duration(3723), '1:02:03');
  assert.equal(duration(67.9), '1:07');
  assert.equal(sentence('no xdpeek answers at 127.0.0.1'), 'No xdpeek answers at 127.0.0.1.');
  assert.equal(sentence('Is it up?'), 'Is it up?');
  assert.equal(sentence('bad.pcapng cannot be opened: no capture'), 'bad.pcapng cannot be opened: no capture.');
  assert.equal(sentence('eth0 is down'), 'eth0 is down.');
  assert.equal(sentence(''), '');
});

test('the axis has few steps and covers the peak', () => {
  for (let value = 0; value < 1e10; value = value * 1.3 + 1) {
    const top = niceTop(value);
    assert.ok(top >= value && top <= Math.max(10, value * 1.8), `${value} → ${top}`);
  }
  assert.equal(axisLabel(0), '0');
  assert.equal(axisLabel(750), '750');
  assert.equal(axisLabel(1500), '1.5k');
  assert.equal(axisLabel(3_000_000), '3M');
});

test('time ticks are whole multiples that stay put while time goes on', () => {
  const at = (shift: number) => timeTicks(1_000_000 + shift, 1_060_000 + shift, 6);
  assert.deepEqual(at(0), [1_000_000, 1_010_000, 1_020_000, 1_030_000, 1_040_000, 1_050_000, 1_060_000]);
  assert.deepEqual(at(3000).slice(0, 5), at(0).slice(1, 6));
  for (const seconds of [3, 60, 300, 900, 40_000]) assert.ok(timeTicks(0, seconds * 1000, 6).length <= 7);
});

test('series become rows, and the stacked peak is their largest sum', () => {
  const rows = toRows(
    {
      generation: 1,
      timeMs: [1000, 2000],
      stepMs: 1000,
      keys: ['pass', 'drop'],
      pps: [[1, 5], [2]],
      bitsPerSecond: [[8], []],
    },
    'pps',
  );
  assert.deepEqual(rows, [
    { t: 1000, pass: 1, drop: 2 },
    { t: 2000, pass: 5, drop: 0 },
  ]);
  assert.equal(peak(rows, ['pass', 'drop']), 5);
});

test('rates come from counters and real time; a new device under an old name starts anew', () => {
  const info = iface({ ifname: 'rate0' });
  track([info], 0);
  assert.deepEqual(ratesOf(info), []);
  track([{ ...info, rxPackets: 500, rxBytes: 1000 }], 2000);
  assert.deepEqual(ratesOf(info), [{ rxPps: 250, txPps: 0, rxBps: 4000, txBps: 0 }]);
  track([{ ...info, rxPackets: 501, rxBytes: 1000 }], 2100);
  assert.equal(ratesOf(info).length, 1, 'the same tick told twice');
  track([{ ...info, ifindex: 9, rxPackets: 3 }], 3000);
  assert.deepEqual(ratesOf(info), []);
  for (let i = 1; i <= 100; i++) track([{ ...info, ifindex: 9, rxPackets: 3 + i }], 3000 + i * 1000);
  assert.equal(ratesOf(info).length, 60);
  track([], 200_000);
  assert.deepEqual(ratesOf(info), []);
});

test('interfaces: this namespace first, loopback and down last', () => {
  const groups = groupByNetns([
    iface({ ifname: 'b', netns: 'zz' }),
    iface({ ifname: 'lo', ifindex: 1, loopback: true }),
    iface({ ifname: 'down', ifindex: 2, up: false }),
    iface({ ifname: 'up', ifindex: 3 }),
  ]);
  assert.deepEqual(
    groups.map((group) => [group.netns, group.interfaces.map((info) => info.ifname)]),
    [
      ['', ['up', 'down', 'lo']],
      ['zz', ['b']],
    ],
  );
});

test('the proposed interface is the demo, then one that is up and here', () => {
  const here = iface({ ifname: 'eth0' });
  const demo = iface({ ifname: 'xdpeek-demo-a', netns: 'xdpeek-demo-a' });
  const lo = iface({ ifname: 'lo', loopback: true });
  assert.equal(likeliest([lo, here, demo])?.ifname, 'xdpeek-demo-a');
  assert.equal(likeliest([lo, here])?.ifname, 'eth0');
  assert.equal(likeliest([lo]), undefined);
});

const PLAIN = { others: [], order: 'default', program: '', busyPoll: false } as const;

test('a choice of hook becomes targets and back', () => {
  for (const hook of ['xdp', 'tc-ingress', 'tc-egress', 'tc-both', 'observe', 'socket', 'afxdp'] as const) {
    const targets = targetsOf({ ...PLAIN, ifname: 'v0', netns: 'n', hook, mode: 'generic' });
    assert.equal(targets.length, hook === 'tc-both' ? 2 : 1);
    assert.equal(hookChoiceOf(targets), hook);
    for (const target of targets) {
      assert.equal(target.netns, 'n');
      assert.equal(target.mode, hook === 'xdp' || hook === 'afxdp' ? 'generic' : undefined);
    }
  }
  assert.equal('netns' in targetsOf({ ...PLAIN, ifname: 'v0', netns: '', hook: 'xdp', mode: 'auto' })[0]!, false);
});

test('several interfaces, the order among tc programs and the observed program reach the targets', () => {
  const others = [{ ifname: 'v1', netns: 'm' }];
  const prefs = { ifname: 'v0', netns: '', others, mode: 'auto', order: 'last', program: '7', busyPoll: true } as const;
  assert.deepEqual(targetsOf({ ...prefs, hook: 'tc-both' }), [
    { ifname: 'v0', hook: 'tc-ingress', order: 'last' },
    { ifname: 'v0', hook: 'tc-egress', order: 'last' },
    { ifname: 'v1', netns: 'm', hook: 'tc-ingress', order: 'last' },
    { ifname: 'v1', netns: 'm', hook: 'tc-egress', order: 'last' },
  ]);
  assert.equal(hookChoiceOf(targetsOf({ ...prefs, hook: 'xdp' })), 'xdp');
  assert.equal(targetsOf({ ...prefs, hook: 'afxdp' })[0]!.busyPoll, true);
  assert.deepEqual(targetsOf({ ...prefs, hook: 'observe' })[1], {
    ifname: 'v1',
    netns: 'm',
    hook: 'observe',
    program: '7',
  });
});

test('keys match what was typed, not more', () => {
  const press = (key: string, held: Partial<KeyboardEvent> = {}) =>
    ({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held }) as KeyboardEvent;
  assert.ok(matches('Ctrl+E', press('e', { ctrlKey: true })));
  assert.ok(matches('Ctrl+E', press('e', { metaKey: true })));
  assert.ok(!matches('Ctrl+E', press('e')));
  assert.ok(!matches('Ctrl+E', press('E', { ctrlKey: true, shiftKey: true })));
  assert.ok(matches('Ctrl+Shift+P', press('P', { ctrlKey: true, shiftKey: true })));
  assert.ok(!matches('Ctrl+Shift+P', press('p', { ctrlKey: true })));
  assert.ok(matches('Ctrl+/', press('/', { ctrlKey: true, shiftKey: true })), 'where / needs Shift');
  assert.ok(matches('Escape', press('Escape')));
  assert.ok(!matches('Escape', press('Escape', { shiftKey: true })));
  assert.ok(matches('Ctrl+Up', press('ArrowUp', { ctrlKey: true })), 'as menus call the arrows');
  assert.ok(!matches('Ctrl+Up', press('ArrowUp', { ctrlKey: true, shiftKey: true })));
  assert.ok(!matches('Ctrl+Up', press('ArrowUp')));
});

test('commands: menu defaults, enabling, and a view that takes one over and gives it back', () => {
  const ran: string[] = [];
  const undo = registerCommand({ id: 'file.open', run: () => void ran.push('app') });
  assert.equal(keysOf('file.open'), 'Ctrl+O');
  assert.ok(runCommand('file.open'));
  const undoView = registerCommand({ id: 'file.open', enabled: () => false, run: () => void ran.push('view') });
  assert.ok(!runCommand('file.open'));
  undoView();
  assert.ok(runCommand('file.open'));
  undo();
  assert.ok(!runCommand('file.open'));
  assert.deepEqual(ran, ['app', 'app']);
});

test('a young capture fills its chart from the left, an old one scrolls, one that ended fills the width', () => {
  assert.deepEqual(timeWindow(0, 4000, 60, true), [0, 15_000]);
  assert.deepEqual(timeWindow(0, 16_000, 60, true), [0, 30_000]);
  assert.deepEqual(timeWindow(0, 59_000, 60, true), [0, 60_000]);
  assert.deepEqual(timeWindow(0, 61_000, 60, true), [1000, 61_000]);
  assert.deepEqual(timeWindow(0, 4000, 60, false), [0, 4000]);
  assert.deepEqual(timeWindow(5000, 5000, 900, false), [5000, 6000]);
});

test('an axis of values: round ticks around them, a flat line in the middle, labels that tell them apart', () => {
  const axis = (values: number[], options?: { zero: boolean }) => {
    const { domain, ticks, label } = valueAxis(values, options);
    assert.deepEqual(domain, [ticks[0], ticks.at(-1)]);
    assert.equal(new Set(ticks.map(label)).size, ticks.length, `${ticks.map(label)}`);
    return ticks.map(label).join(' ');
  };
  assert.equal(axis([3, 17]), '0 5 10 15 20');
  assert.equal(axis([3, 17], { zero: true }), '0 5 10 15 20');
  assert.equal(axis([-4, 4]), '-4 -2 0 2 4');
  // Flat: above the ground and below the ceiling; zeros lie on the ground.
  assert.equal(axis([500, 500, 500]), '450 500 550');
  assert.equal(axis([1]), '0 0.5 1 1.5 2');
  assert.equal(axis([0.002, 0.002], { zero: true }), '0 0.0005 0.001 0.0015 0.002');
  assert.equal(axis([0, 0], { zero: true }), '0 0.5 1');
  assert.equal(axis([]), '0 0.5 1');
  assert.equal(axis([-7, -7]), '-8 -7.5 -7 -6.5 -6');
  // A large number that grows by little is no row of "1.23M".
  assert.match(axis([1_234_560, 1_234_570]), /^1,234,560 1,234,565 1,234,570$/);
  for (let size = 1e-9; size < 1e19; size *= 31) {
    const { domain, ticks } = valueAxis([size, size * 1.003]);
    assert.ok(domain[0] <= size && domain[1] >= size * 1.003 && ticks.length <= 8, `${size}: ${ticks}`);
    const flat = valueAxis([size, size]);
    assert.ok(flat.domain[0] < size && flat.domain[1] > size && flat.ticks.length <= 8, `${size}: ${flat.ticks}`);
  }
});
