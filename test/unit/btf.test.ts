/** Type information and typed values: on this kernel's own BTF, whose uapi structs everybody knows. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { BTF_KIND, Btf, BtfError } from '../../electron/packets/btf/btf.ts';
import { cTypeOf } from '../../electron/packets/btf/c-type.ts';
import { decode, encode, sum, ValueError, valueAt } from '../../electron/packets/btf/c-value.ts';
import type { CType, CValue } from '../../electron/shared/workbench-api.ts';

const VMLINUX = new Uint8Array(readFileSync('/sys/kernel/btf/vmlinux'));
const kernel = new Btf(VMLINUX);
const type = (kind: number, name: string): CType => cTypeOf(kernel, kernel.find(kind, name)!.id);
const struct = (name: string) => type(BTF_KIND.struct, name);

describe('BTF', () => {
  test('sizes and places of uapi structs are those of C', () => {
    const tcp = struct('tcphdr');
    assert.ok(tcp.kind === 'struct');
    assert.equal(tcp.bytes, 20);
    // res1:4 doff:4 fin:1 … within the 16 bits at byte 12, little-endian; unions without a name count as one member.
    assert.ok(JSON.stringify(tcp).includes('"name":"doff"'));
    const ip = struct('iphdr');
    assert.ok(ip.kind === 'struct');
    assert.deepEqual(
      ip.members.slice(0, 2).map(({ name, bitOffset, bitSize }) => [name, bitOffset, bitSize]),
      [
        ['ihl', 0, 4],
        ['version', 4, 4],
      ],
    );
  });

  test('an enumeration has its names', () => {
    const action = type(BTF_KIND.enum, 'xdp_action');
    assert.equal(decode(action, Uint8Array.of(3, 0, 0, 0)), 'XDP_TX');
    assert.deepEqual(encode(action, 'XDP_PASS'), Uint8Array.of(2, 0, 0, 0));
    assert.equal(decode(action, Uint8Array.of(99, 0, 0, 0)), '99');
  });

  test('damaged bytes are an error, never a read outside', () => {
    assert.throws(() => new Btf(new Uint8Array(3)), BtfError);
    assert.throws(() => new Btf(VMLINUX.subarray(0, 5000)), BtfError);
    let seed = 7;
    const next = (below: number) => {
      seed = (seed * 1103515245 + 12345) & 0x7fffffff;
      return seed % below;
    };
    for (let round = 0; round < 200; round++) {
      const bytes = VMLINUX.slice(0, 24 + 4000);
      new DataView(bytes.buffer).setUint32(12, 3000, true);
      new DataView(bytes.buffer).setUint32(16, 3000, true);
      new DataView(bytes.buffer).setUint32(20, 1000, true);
      for (let hits = 0; hits < 20; hits++) bytes[24 + next(4000)] = next(256);
      try {
        const damaged = new Btf(bytes);
        for (let id = 1; id < damaged.nextId; id++) cTypeOf(damaged, id);
      } catch (error) {
        assert.ok(error instanceof BtfError, String(error));
      }
    }
  });
});

describe('values', () => {
  test('a header reads, and writes back to the same bytes', () => {
    const bytes = Uint8Array.from([0x45, 0, 0, 84, 0x12, 0x34, 0x40, 0, 64, 1, 0xab, 0xcd, 10, 0, 0, 1, 10, 0, 0, 2]);
    const ip = struct('iphdr');
    const value = decode(ip, bytes) as { [name: string]: CValue };
    assert.equal(value['version'], '4');
    assert.equal(value['ihl'], '5');
    assert.equal(value['ttl'], '64');
    assert.equal(valueAt(value, 'saddr'), String(0x0100000a));
    assert.deepEqual(encode(ip, value), bytes);
  });

  const u = (bytes: number, signed = false): CType => ({ kind: 'int', name: 'u', bytes, signed, encoding: 'number' });

  test('64-bit integers are exact, signed ones keep their sign', () => {
    const max = '18446744073709551615';
    assert.equal(decode(u(8), encode(u(8), max)), max);
    assert.equal(decode(u(8, true), encode(u(8, true), '-9223372036854775808')), '-9223372036854775808');
    assert.equal(decode(u(4), encode(u(4), '0xdeadbeef')), '3735928559');
  });

  test('what does not fit says where and what would', () => {
    const flow: CType = {
      kind: 'struct',
      name: 'struct flow',
      bytes: 8,
      members: [
        { name: 'port', type: u(2), bitOffset: 0 },
        { name: 'mac', type: { kind: 'array', name: 'u8[6]', bytes: 6, of: u(1), count: 6 }, bitOffset: 16 },
      ],
    };
    const wrong: [CValue, RegExp][] = [
      [{ port: '65536' }, /^value\.port: 65536 does not fit: it takes 0 to 65535$/],
      [{ port: '-1' }, /0 to 65535/],
      [{ port: 'http' }, /"http" is not a whole number/],
      [{ prot: '1' }, /has no member "prot"/],
      [{ mac: 'aa:bb' }, /must have 6 bytes, not 2/],
      [{ mac: 'zz:zz:zz:zz:zz:zz' }, /hexadecimal/],
      ['7', /must be a record/],
    ];
    for (const [value, message] of wrong)
      assert.throws(
        () => encode(flow, value, 'value'),
        (error: Error) => error instanceof ValueError && message.test(error.message),
        JSON.stringify(value),
      );
    assert.deepEqual(encode(flow, { mac: '02:00:00:00:00:0a' }), Uint8Array.of(0, 0, 2, 0, 0, 0, 0, 10));
  });

  test('text, bit-fields and booleans', () => {
    const text: CType = {
      kind: 'array',
      name: 'char[8]',
      bytes: 8,
      of: { kind: 'int', name: 'char', bytes: 1, signed: true, encoding: 'char' },
      count: 8,
    };
    assert.equal(decode(text, encode(text, '"eth0"')), '"eth0"');
    assert.equal(decode(text, Uint8Array.of(1, 2, 3, 0, 0, 0, 0, 0)), '0102030000000000');
    const bits: CType = {
      kind: 'struct',
      name: '',
      bytes: 4,
      members: [
        { name: 'a', type: u(4), bitOffset: 3, bitSize: 7 },
        { name: 'b', type: u(4, true), bitOffset: 10, bitSize: 5 },
      ],
    };
    const value = { a: '100', b: '-16' };
    assert.deepEqual(decode(bits, encode(bits, value)), value);
    assert.throws(() => encode(bits, { a: '128' }), /0 to 127/);
  });

  test('bytes of no type take numbers, written as the machine has them, and whole bytes as they are shown', () => {
    const bytes = (length: number): CType => ({ kind: 'bytes', name: '', bytes: length });
    const cases: [number, string, string][] = [
      [4, '5', '05000000'],
      [4, '-2', 'feffffff'],
      [4, '0x0102', '02010000'],
      [4, '01000000', '01000000'],
      [4, '0b000000', '0b000000'],
      [8, '18446744073709551615', 'ffffffffffffffff'],
      [1, '7', '07'],
      [6, '02:00:00:00:00:0a', '02000000000a'],
    ];
    for (const [length, text, expected] of cases)
      assert.equal(decode(bytes(length), encode(bytes(length), text)), expected, text);
    assert.throws(() => encode(bytes(4), '4294967296'), /4294967296 does not fit into 4 bytes/);
    assert.throws(() => encode(bytes(4), 'port'), /4 bytes as hexadecimal digits, or a number/);
    assert.throws(() => encode(bytes(12), '5'), /12 bytes as hexadecimal digits$/);
  });

  test('a record around one thing takes that thing; what is not named stays as it was before', () => {
    const mac: CType = { kind: 'array', name: 'u8[6]', bytes: 6, of: u(1), count: 6 };
    const around: CType = {
      kind: 'struct',
      name: 'struct mac',
      bytes: 6,
      members: [{ name: 'bytes', type: mac, bitOffset: 0 }],
    };
    assert.deepEqual(encode(around, '02:00:00:00:00:0a'), Uint8Array.of(2, 0, 0, 0, 0, 10));
    const two: CType = {
      kind: 'struct',
      name: '.data',
      bytes: 4,
      members: [
        { name: 'a', type: u(2), bitOffset: 0 },
        { name: 'b', type: u(2), bitOffset: 16 },
      ],
    };
    assert.deepEqual(encode(two, { b: '9' }, '', Uint8Array.of(1, 2, 3, 4)), Uint8Array.of(1, 2, 9, 0));
    assert.deepEqual(encode(two, { b: '9' }), Uint8Array.of(0, 0, 9, 0));
    assert.throws(() => encode(two, '9'), /a record of its members \(a, b\)/);
  });

  test('per-CPU values add up, wider than one of them', () => {
    const record: CType = {
      kind: 'struct',
      name: '',
      bytes: 16,
      members: [
        { name: 'packets', type: u(8), bitOffset: 0 },
        { name: 'mac', type: { kind: 'bytes', name: '', bytes: 8 }, bitOffset: 64 },
      ],
    };
    const each = { packets: '18446744073709551615', mac: 'aa' };
    assert.deepEqual(sum(record, [each, each]), { packets: '36893488147419103230', mac: 'aa' });
  });
});
