/** What the verifier's messages mean to whoever wrote the program, and what to do. First match counts. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /invalid access to packet/,
    'Compare the end of what you read with data_end first, with the very pointer that you then read through: "if (p + 1 > data_end) return …". A check of another copy of the pointer does not count.',
  ],
  [
    /math between pkt pointer and register with unbounded min value/,
    'Bound the number before adding it to a packet pointer: "if (n > 1500) return …", with an unsigned type.',
  ],
  [
    /R\d+ invalid mem access 'pkt_end'|R\d+ pointer arithmetic on pkt_end/,
    'data_end may be compared with, not counted with: reach the last byte from data, by the length.',
  ],
  [
    /offset is outside of the packet/,
    'The check that was made covers fewer bytes than are read here: check for all that you read.',
  ],
  [
    /value is outside of the allowed memory range/,
    'The offset into a map value or stack variable can be too large here: check it against the size first.',
  ],
  [
    /R\d+ invalid mem access '(map_value_or_null|mem_or_null|ptr_or_null_\w*)'/,
    'The pointer may be NULL: test what the helper returned before using it.',
  ],
  [
    /R\d+ invalid mem access '(scalar|inv)'/,
    'This register holds a number, not a pointer: kernel memory is read with bpf_probe_read_kernel, and packet pointers are lost when a helper may have moved the packet (read data and data_end again).',
  ],
  [
    /R\d+ !read_ok/,
    'The register was never written on this way, or a call has destroyed it (r0 to r5 do not survive calls).',
  ],
  [/R0 !read_ok/, 'A way through the program ends without a return value.'],
  [
    /At program exit the register R0|R0 is not a known value/,
    'The return value must be one of those that this program type allows.',
  ],
  [
    /back-edge from insn|infinite loop detected/,
    'The loop has no bound that the verifier sees: count to a constant, or use bpf_for or bpf_loop.',
  ],
  [
    /BPF program is too large|processed \d+ insn/,
    'Too many ways to go through: split it by tail calls, or give loops smaller bounds.',
  ],
  [
    /unreachable insn/,
    'Some instructions are never reached: remove them (dead code is refused for programs without BTF).',
  ],
  [/unknown func|invalid func/, 'This kernel, or this program type, has no such helper.'],
  [
    /cannot call GPL-restricted function/,
    'This helper is for programs under a GPL-compatible licence: char _license[] SEC("license") = "GPL".',
  ],
  [
    /helper access to the packet is not allowed/,
    'This helper takes no packet pointer: copy the bytes to the stack first.',
  ],
  [
    /invalid (indirect )?(read|access) (from|to|of) stack/,
    'The stack has 512 bytes, and what is read from it must have been written: set the whole of a key or value, padding too.',
  ],
  [
    /misaligned (packet|value|stack) access/,
    'The address is not aligned to the size that is read: read single bytes, or align the structure.',
  ],
  [/dereference of modified ctx ptr/, 'The context is read at fixed places only: do not add to its pointer.'],
  [
    /invalid bpf_context access/,
    'The context of this program type has no such field, or it is read with another width.',
  ],
  [
    /Unreleased reference|reference has not been released/,
    'What was reserved or looked up must be given back on every way: submit or discard, or release.',
  ],
  [
    /the sequence of \d+ jumps is too complex/,
    'Too many branches that depend on each other: simplify, or split the program.',
  ],
  [
    /R\d+ type=\w+ expected=/,
    'The helper wants another kind of pointer in this register: check the order of its arguments.',
  ],
  [/last insn is not an exit or jmp/, 'The last instruction must leave: exit or goto.'],
  [/jump out of range/, 'A jump leaves the program: count from the instruction behind it.'],
  [/invalid map fd|fd \d+ is not pointing to valid bpf_map/, 'The program names a map that is not there.'],
  [/min value is negative/, 'The number may be negative here: use an unsigned type, or check that it is not below 0.'],
  [
    /unbounded memory access|unbounded min value/,
    'The number has no upper limit here: compare it with a constant first.',
  ],
  [
    /Caller passes invalid args into func/,
    'A function is called with a pointer of another kind than it was checked for.',
  ],
  [/write into packet is not allowed|cannot write into packet/, 'Programs of this type may not change the packet.'],
];

export function hintFor(reason: string): string | undefined {
  return HINTS.find(([pattern]) => pattern.test(reason))?.[1];
}
