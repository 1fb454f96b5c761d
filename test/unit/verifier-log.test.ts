/** The verifier's log, read: what a program went through, from which source lines, where it was refused and why; what an accepted one says last is no reason. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readVerifierLogs } from '../../electron/packets/bpf/verifier-log.ts';

/** As a kernel of today writes it at level 2: it goes on after the last instruction. */
const ACCEPTED = `== counter
func#0 @0
Live regs before insn:
      0: .......... (b7) r0 = 2
0: R1=ctx() R10=fp0
0: (85) call bpf_map_lookup_elem#1    ; R0=map_value_or_null(id=1,map=verdicts,ks=4,vs=8)
1: (15) if r0 == 0x0 goto pc+1        ; R0=map_value(map=verdicts,ks=4,vs=8)
2: (b7) r0 = 2                        ; R0=2
3: (95) exit
(0) frame 0 insn 5 +live -8
(0) live stack update done in 2 iterations
from 1 to 2: safe
processed 4 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 0
`;
const REFUSED = `== reader
0: R1=ctx() R10=fp0
; void *data = (void *)(long)ctx->data; @ x.bpf.c:7
0: (61) r2 = *(u32 *)(r1 +0)          ; R1=ctx() R2=pkt(r=0)
; return *(__u16 *)(data + 12); @ x.bpf.c:8
1: (69) r0 = *(u16 *)(r2 +12)
invalid access to packet, off=12 size=2, R2(id=0,off=12,r=0)
R2 offset is outside of the packet
processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
`;

test('a refused program: the instruction, its source line, the reason and a hint', () => {
  const [log] = readVerifierLogs(REFUSED, true);
  assert.equal(log!.program, 'reader');
  assert.equal(log!.accepted, false);
  assert.equal(log!.refusedAt, 1);
  assert.equal(
    log!.reason,
    'invalid access to packet, off=12 size=2, R2(id=0,off=12,r=0)\nR2 offset is outside of the packet',
  );
  assert.match(log!.hint!, /data_end/);
  assert.deepEqual(log!.steps[1]!.source, {
    file: 'x.bpf.c',
    line: 8,
    column: 0,
    text: 'return *(__u16 *)(data + 12);',
  });
  assert.deepEqual(log!.steps[0]!.states, ['R1=ctx() R10=fp0', 'R1=ctx() R2=pkt(r=0)']);
  assert.match(log!.summary.join(), /processed 2 insns/);
});

test('an accepted program has no reason, whatever its log says last, alone and beside a refused one', () => {
  for (const { accepted, reason, hint, refusedAt, steps } of [
    readVerifierLogs(ACCEPTED, false)[0]!,
    readVerifierLogs(ACCEPTED + REFUSED, true)[0]!,
    readVerifierLogs(ACCEPTED.replace('from 1 to 2: safe', 'words that nobody knew of'), false)[0]!,
  ]) {
    assert.equal(accepted, true);
    assert.deepEqual([reason, hint, refusedAt], [undefined, undefined, undefined]);
    assert.equal(steps.length, 4);
  }
  assert.match(readVerifierLogs(ACCEPTED, false)[0]!.summary.join('\n'), /frame 0 insn 5 \+live -8/, 'nothing is lost');
});
