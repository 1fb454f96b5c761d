/** Rates on a machine that others use as well. */
import assert from 'node:assert/strict';

const ATTEMPTS = 3;

/** `once` returns how many it lost, and fails by itself where it miscounts: a run that lost packets may be repeated, one that miscounts may not. */
export async function losesNothing(once: () => Promise<number>): Promise<void> {
  let lost = await once();
  for (let attempt = 1; attempt < ATTEMPTS && lost > 0; attempt++) lost = await once();
  assert.equal(lost, 0, `packets lost in the last of ${ATTEMPTS} attempts`);
}
