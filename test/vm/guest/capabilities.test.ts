/** What this kernel can do, as the probe finds it, against what kernels of its version are known to have. */
import assert from 'node:assert/strict';
import { release } from 'node:os';
import { test } from 'node:test';
import { addon } from '../../netns/lib/addon.ts';

const [major = 0, minor = 0] = release().split('.').map(Number);
const since = (wanted: [number, number]) => major > wanted[0] || (major === wanted[0] && minor >= wanted[1]);

test('the probe finds what kernels of this version have', () => {
  const { kernel, ...found } = addon.probe();
  assert.equal(kernel, release());
  assert.deepEqual(
    { ...found, cpusPossible: 0, cpusOnline: 0 },
    {
      btf: true,
      ringBuffer: true,
      xdpLink: true,
      tcx: since([6, 6]),
      taiClock: since([6, 1]),
      xdpMultiBuffer: since([5, 18]),
      fentry: true,
      afXdp: true,
      cpusPossible: 0,
      cpusOnline: 0,
      privileged: true,
    },
  );
});
