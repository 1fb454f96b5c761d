/** Programs written here, without the kernel: directives of assembly, instruction lists, settings, text that goes round, and C by this machine's clang. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileAndProgram, objectName, readSettings } from '../../electron/cli/workbench/program-source.ts';
import { variableValues } from '../../electron/cli/workbench/settings.ts';
import { assemble, MAP_NAMES_FROM } from '../../electron/packets/bpf/assemble.ts';
import { readAssembly } from '../../electron/packets/bpf/assembly-file.ts';
import { editableText } from '../../electron/packets/bpf/editable.ts';
import { elfSections, textAt } from '../../electron/packets/bpf/elf-sections.ts';
import { InstructionListError, readInstructionList } from '../../electron/packets/bpf/instruction-list.ts';
import { Btf } from '../../electron/packets/btf/btf.ts';
import { functionSources } from '../../electron/packets/btf/btf-ext.ts';
import { compile, readsFiles } from '../../electron/session/workbench/code-compile.ts';
import type { CType, ObjectDescription } from '../../electron/shared/workbench-api.ts';

const root = path.resolve(import.meta.dirname, '../..');

test('directives declare maps, type and licence; each mistake has its line and column', () => {
  const file = readAssembly(
    '.type xdp\n.license "Dual BSD/GPL"\n  .map flows lru_hash 16 8 1024 0x1 ; by source\nr1 = map[flows]\nexit',
  );
  assert.deepEqual(file.errors, []);
  assert.equal(file.type, 'xdp');
  assert.equal(file.license, 'Dual BSD/GPL');
  const flows = { name: 'flows', type: 'lru_hash', keyBytes: 16, valueBytes: 8, maxEntries: 1024, flags: 1 };
  assert.deepEqual(file.declared, [flows]);
  assert.deepEqual(file.lines, [4, 4, 5], 'lines are those of the text');
  const wrong = readAssembly('.map a hash 4\n  .mop\n.map b hash 4 4 1\n.map b hash 4 4 1\nr11 = 1');
  assert.deepEqual(
    wrong.errors.map(({ line, column }) => [line, column]),
    [
      [1, 1],
      [2, 3],
      [4, 1],
      [5, 1],
    ],
  );
});

test('instruction lists: fields of struct bpf_insn, maps by name; what is wrong is named by its place', () => {
  const { code, maps } = readInstructionList(
    '{"type":"xdp","maps":[{"name":"m","type":"hash","key":4,"value":8,"entries":1}],"instructions":[{"code":24,"dst":1,"map":"m"},{"code":"0xb7","imm":-1},{"code":149}]}',
  );
  assert.deepEqual(maps, ['m']);
  const expected = assemble('r1 = map[m]\nr0 = -1\nexit');
  assert.deepEqual(code, expected.code);
  assert.equal(new DataView(code.buffer).getUint32(4, true), MAP_NAMES_FROM);
  for (const [text, words] of [
    ['{', /not JSON/],
    ['[]', /no instruction/],
    ['{"instructions":{}}', /instructions must be a list/],
    ['[{"code":256}]', /instructions\[0\]\.code/],
    ['[{"code":183,"off":40000}]', /off/],
    ['[{"code":183,"map":"m"}]', /only code 24/],
    ['[{"code":149,"x":1}]', /unknown member "x"/],
    ['{"maps":[{"name":"../x","type":"\\u0000"}],"instructions":[{"code":149}]}', /must be a name/],
  ] as const)
    assert.throws(
      () => readInstructionList(text),
      (error) => error instanceof InstructionListError && words.test(error.message),
      text,
    );
});

test('code of the kernel as editable text: labels, helpers by name, maps by id; it assembles to the same code', () => {
  const { code } = assemble(
    'r1 = map[id:70000]\ncall pc+2\nif r0 == 0 goto pc-2\nexit\nr2 = subprog[+1]\nexit\nr0 = 1\nexit',
  );
  const text = editableText(code, []);
  assert.match(text, /map\[id:70000\]/);
  assert.match(text, /subprog\[L\d+\]/);
  const again = assemble(text);
  assert.deepEqual(again.errors, []);
  assert.deepEqual(again.code, code);
  const call = assemble('call helper#123456\nexit').code;
  assert.match(editableText(call, [{ immediate: 123456, name: 'bpf_ktime_get_ns' }]), /call bpf_ktime_get_ns/);
  assert.match(editableText(call, [{ immediate: 123456, name: 'trie_update_elem' }]), /call bpf_map_update_elem/);
  assert.match(editableText(call, [{ immediate: 123456, name: 'strange' }]), /call helper#123456 {2}; strange/);
});

test('sections of an object: licence, source lines by function; damaged bytes give less, and never an exception', () => {
  const bytes = new Uint8Array(readFileSync(path.join(root, 'dist/bpf/library/xdp_pass.bpf.o')));
  const sections = elfSections(bytes);
  assert.equal(textAt(sections.get('license')!, 0), 'Dual BSD/GPL');
  const btf = new Btf(sections.get('.BTF')!);
  const source = functionSources(sections.get('.BTF.ext')!, btf).get('xdp_drop')!;
  assert.match(source.file, /xdp_pass\.bpf\.c$/);
  assert.match(
    readFileSync(path.join(root, 'bpf/library/xdp_pass.bpf.c'), 'utf8').split('\n')[source.line - 1]!,
    /xdp_drop|XDP_DROP/,
  );
  let state = 7;
  for (let round = 0; round < 3000; round++) {
    const damaged = bytes.slice(0, round % 3 === 0 ? (round * 37) % bytes.length : bytes.length);
    for (let i = 0; i < 6 && damaged.length > 0; i++) {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      damaged[state % damaged.length] = state >>> 24;
    }
    const found = elfSections(damaged);
    functionSources(found.get('.BTF.ext') ?? damaged, btf);
  }
});

test('--set: whole variables, members, elements, JSON, text; the rest of a variable stays', () => {
  const u32: CType = { kind: 'int', name: '__u32', bytes: 4, signed: false, encoding: 'number' };
  const char: CType = { kind: 'int', name: 'char', bytes: 1, signed: true, encoding: 'char' };
  const name: CType = { kind: 'array', name: 'char[8]', bytes: 8, of: char, count: 8 };
  const ports: CType = { kind: 'array', name: '__u32[2]', bytes: 8, of: u32, count: 2 };
  const members = [
    { name: 'ports', type: ports, bitOffset: 0 },
    { name: 'name', type: name, bitOffset: 64 },
  ];
  const config: CType = { kind: 'struct', name: 'struct config', bytes: 16, members };
  const value = { ports: ['1', '2'], name: '""' };
  const description = {
    name: 'x',
    variables: [{ name: 'config', section: '.rodata', offset: 0, type: config, value, constant: true }],
  } as unknown as ObjectDescription;
  const set = (...words: string[]) => variableValues(description, readSettings(words));
  assert.deepEqual(set('config.ports[1]=80', 'config.name=eth0'), [
    { name: 'config', value: { ports: ['1', '80'], name: '"eth0"' } },
  ]);
  assert.deepEqual(set('config={"ports":[18446744073709551615,"3"]}'), [
    { name: 'config', value: { ports: ['18446744073709551615', '3'] } },
  ]);
  assert.throws(() => set('config.port=1'), /there is no 'port' in config\.port/);
  assert.throws(() => set('other=1'), /no global variable 'other'/);
  assert.throws(() => set('config'), /--set takes VAR=VALUE/);
  assert.deepEqual(value, { ports: ['1', '2'], name: '""' }, 'the description is not changed');
});

test('what people name: files, programs of files, names for the kernel', () => {
  assert.deepEqual(fileAndProgram('a/b.o:prog'), { file: 'a/b.o', program: 'prog' });
  assert.deepEqual(fileAndProgram('a:b/c.o'), { file: 'a:b/c.o' });
  assert.equal(objectName('/x/y z.bpf.o'), 'y_z');
});

const PROGRAM = `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("xdp") int drop(struct xdp_md *ctx) { return XDP_DROP; }
char _license[] SEC("license") = "GPL";
`;

test('C compiles with our headers; errors and warnings come with line and column', async () => {
  const built = await compile(PROGRAM);
  assert.ok('object' in built && built.object.length > 500, JSON.stringify(built));
  assert.ok(elfSections(built.object).has('.BTF'));
  const wrong = await compile(PROGRAM.replace('XDP_DROP', 'XDP_DORP'));
  assert.ok('errors' in wrong && !('object' in wrong));
  assert.deepEqual(wrong.errors.map(({ line, severity }) => [line, severity])[0], [3, 'error']);
  assert.match(wrong.errors[0]!.text, /XDP_DORP/);
  const library = await compile(readFileSync(path.join(root, 'bpf/library/icmp_echo.bpf.c'), 'utf8'));
  assert.ok('object' in library, 'programs of the library compile too');
});

test('C names no file beyond the headers: neither by including nor by assembling', async () => {
  for (const line of [
    '#include "/etc/passwd"',
    '#include </etc/passwd>',
    '#include "../../../../../../../../etc/passwd"',
    '#define F "/etc/passwd"\n#include F',
    '#include "/etc/passwd"\n#error stop',
    'asm(".inc" "bin \\"/etc/passwd\\"");',
    'asm(".macro x\\n.endm");',
  ]) {
    const result = await compile(`${line}\n${PROGRAM}`);
    assert.ok('errors' in result && !('object' in result), line);
    assert.doesNotMatch(JSON.stringify(result.errors), /root|daemon|nologin|bash/, line);
  }
  assert.ok(readsFiles('\t.INCBIN "/etc/passwd"'));
  assert.ok(!readsFiles('\t.section .text\n\tr0 = 1'));
});
