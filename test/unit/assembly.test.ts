/** eBPF assembly: text and code go round, on every program that we and Debian's xdp-tools ship; mistakes name their place. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { assemble, MAP_NAMES_FROM } from '../../electron/packets/bpf/assemble.ts';
import { disassemble, ebpfListing } from '../../electron/packets/bpf/ebpf-listing.ts';
import { helperName, helperNumber } from '../../electron/packets/bpf/helpers.ts';
import { addon } from '../netns/lib/addon.ts';

const root = path.join(import.meta.dirname, '../..');

function objects(): string[] {
  const folders = [path.join(root, 'dist/bpf'), path.join(root, 'dist/bpf/library')];
  folders.push('/usr/lib/x86_64-linux-gnu/bpf', '/usr/lib/aarch64-linux-gnu/bpf');
  return folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => path.join(folder, name)))
    .filter((file) => file.endsWith('.o'));
}

describe('round trip', () => {
  test('every compiled program: code → text → the same code', () => {
    let instructions = 0;
    for (const file of objects())
      for (const { name, code } of addon.describeObject(readFileSync(file)).programs) {
        const text = ebpfListing(code).join('\n');
        const again = assemble(text);
        assert.deepEqual(again.errors, [], `${file} ${name}`);
        assert.deepEqual(Buffer.from(again.code), Buffer.from(code), `${file} ${name}`);
        instructions += code.length / 8;
      }
    assert.ok(instructions > 2000, `only ${instructions} instructions were compared`);
  });

  const LINES = [
    'r1 = 0x123456789abcdef0',
    'w3 = w4',
    'r3 s>>= 5',
    'w3 s/= w2',
    'r9 s%= -7',
    'r2 = (s16)r3',
    'w2 = (s8)w3',
    'r4 = -r4',
    'r5 = be16 r5',
    'r5 = le64 r5',
    'r5 = bswap32 r5',
    'r0 = *(s8 *)(r1 +3)',
    'r0 = *(u16 *)skb[12]',
    'r0 = *(u8 *)skb[r7 + 14]',
    '*(u8 *)(r10 -1) = 7',
    'lock *(u64 *)(r1 +0) += r2',
    'lock *(u32 *)(r1 +4) |= r2',
    'r2 = atomic64_fetch_add((u64 *)(r1 +0), r2)',
    'r2 = atomic_xchg((u32 *)(r1 +8), r2)',
    'r0 = atomic64_cmpxchg((u64 *)(r1 +0), r0, r3)',
    'if r1 s< 0xffffffff goto pc-3',
    'if w1 & w2 goto pc+1',
    'gotol pc+70000',
    'may_goto pc+2',
    'call bpf_map_lookup_elem#1',
    'call pc+12',
    'r1 = map[fd:7]',
    'r1 = map[fd:7][0]+16',
    'exit',
  ];
  for (const line of LINES)
    test(line, () => {
      const { code, errors } = assemble(line);
      assert.deepEqual(errors, []);
      assert.deepEqual(
        disassemble(code).map(({ text }) => text),
        [line],
      );
    });
});

describe('what people write', () => {
  test('labels, comments, helpers by name, maps by name', () => {
    const { code, errors, maps, lines } = assemble(`
      ; counts packets
      r2 = r10          // the key
      r2 += -4
      *(u32 *)(r2 + 0) = 0
      r1 = map[counts]
      call bpf_map_lookup_elem
      if r0 == 0 goto out
      r1 = 1
      lock *(u64 *)(r0 +0) += r1
out:  r0 = 2
      exit`);
    assert.deepEqual(errors, []);
    assert.deepEqual(maps, ['counts']);
    assert.equal(new DataView(code.buffer).getInt32(3 * 8 + 4, true), MAP_NAMES_FROM);
    assert.deepEqual(disassemble(code).map(({ text }) => text)[5], 'if r0 == 0x0 goto pc+2');
    assert.equal(lines[0], 3);
    assert.equal(lines.at(-1), 12);
  });

  const wrong: [string, number, RegExp][] = [
    ['r1 = r11', 1, /no register r11/],
    ['r1 = w2', 1, /one width/],
    ['  goto nowhere', 1, /no label nowhere/],
    ['exit\nr1 == 2', 2, /no instruction: r1 == 2/],
    ['call bpf_make_coffee', 1, /no helper bpf_make_coffee/],
    ['r1 = *(u8 *)(r2 +99999)', 1, /16 bits/],
    ['w1 = 99999999999', 1, /32 bits/],
    ['a: exit\na: exit', 2, /label a is there twice/],
    ['; nothing', 1, /there is no instruction/],
    ['r1 = be16 r2', 1, /within one register/],
  ];
  for (const [text, line, message] of wrong)
    test(`refused: ${text.replace('\n', ' / ')}`, () => {
      const { errors } = assemble(text);
      assert.equal(errors.length, 1, JSON.stringify(errors));
      assert.equal(errors[0]!.line, line);
      assert.match(errors[0]!.text, message);
    });
});

test('helpers have their names and numbers', () => {
  assert.equal(helperName(1), 'bpf_map_lookup_elem');
  assert.equal(helperName(44), 'bpf_xdp_adjust_head');
  assert.equal(helperName(131), 'bpf_ringbuf_reserve');
  assert.equal(helperNumber('bpf_redirect_map'), 51);
  assert.equal(helperName(99_999), undefined);
});
