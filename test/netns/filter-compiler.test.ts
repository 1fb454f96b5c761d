/** Filters compiled on a thread of their own (the built one): answers, places of mistakes, questions that are given up. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FilterCompiler } from '../../electron/session/filter/compiler.ts';
import { compileFilter } from '../../electron/session/filter/index.ts';

test('the same answers as on the caller’s thread, with the place of a mistake', async () => {
  const compiler = new FilterCompiler();
  try {
    assert.deepEqual(await compiler.compile('tcp port 80', [1, 101]), compileFilter('tcp port 80', [1, 101]));
    assert.deepEqual(await compiler.check('', [1]), { ok: true, instructions: 0 });
    const wrong = await compiler.check('tcp prot 80', [1]);
    assert.ok(!wrong.ok);
    assert.deepEqual([wrong.offset, wrong.length], [4, 4]);
    await assert.rejects(compiler.compile('tcp prot 80', [1]), { code: 'FILTER', place: { offset: 4, length: 4 } });
  } finally {
    compiler.close();
  }
});

test('a newer check supersedes one that is under way; a filter that is to be used never is', async () => {
  const compiler = new FilterCompiler();
  try {
    const checks = ['tcp', 'tcp port', 'tcp port 443'].map((text) => compiler.check(text, [1]));
    const [first, second, third] = await Promise.allSettled(checks);
    for (const given of [first, second])
      assert.equal(given?.status === 'rejected' && (given.reason as { code: string }).code, 'SUPERSEDED');
    assert.equal(third?.status === 'fulfilled' && third.value.ok, true);
    const used = compiler.compile('udp', [1]);
    const check = compiler.check('icmp', [1]);
    assert.equal((await used).text, 'udp');
    assert.equal((await check).ok, true);
  } finally {
    compiler.close();
  }
});

test('after its end every question is refused', async () => {
  const compiler = new FilterCompiler();
  const asked = compiler.compile('udp', [1]);
  compiler.close();
  await assert.rejects(asked, { code: 'CLOSED' });
});

test('a check that is given up at any moment of its thread takes nothing along: the filter is compiled', async () => {
  for (let round = 0; round < 60; round++) {
    const compiler = new FilterCompiler();
    const check = compiler.check('icmp or icmp6', [1]).catch(({ code }) => assert.equal(code, 'SUPERSEDED'));
    await new Promise((resolve) => setTimeout(resolve, round));
    assert.equal((await compiler.compile('icmp or icmp6', [1])).programs.length, 1);
    await check;
    compiler.close();
  }
});
