/** Rates on a machine that others use as well, and that may be slower than ours. */
import assert from 'node:assert/strict';

/** Of the rate that is asked for. A quarter is what any machine takes. */
const SHARES = [1, 1, 1, 1 / 2, 1 / 4];

/**
 * `once` offers so many packets a second, returns how many were lost, and fails by itself where it miscounts: a run that lost packets may be repeated, in the
 * end at a lower rate; one that miscounts may not.
 */
export async function losesNothing(pps: number, once: (pps: number) => Promise<number>): Promise<void> {
  const lost: string[] = [];
  for (const share of SHARES) {
    const count = await once(pps * share);
    if (count === 0) return;
    lost.push(`${count} at ${pps * share} a second`);
  }
  assert.fail(`packets lost: ${lost.join(', ')}`);
}
