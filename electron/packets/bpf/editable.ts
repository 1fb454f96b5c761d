/**
 * A program of the kernel as text that `assemble` takes back: jumps go to labels, so that lines can be put between; helpers have their names again, since the
 * kernel shows their addresses. What the verifier has rewritten (context fields, inlined helpers) stays rewritten.
 */
import { disassemble, type ListedInstruction } from './ebpf-listing.ts';
import { OPCODE, PSEUDO } from './ebpf-words.ts';
import { helperNumber } from './helpers.ts';

/** @param symbols kernel functions that it calls, by the number in the instruction */
export function editableText(code: Uint8Array, symbols: readonly { immediate: number; name: string }[]): string {
  const instructions = disassemble(code);
  const names = new Map(symbols.map(({ immediate, name }) => [immediate, name]));
  const inside = new Set(instructions.map(({ slot }) => slot));
  const targets = new Set(instructions.flatMap((one) => targetOf(one) ?? []).filter((slot) => inside.has(slot)));
  return instructions
    .map((one) => {
      const label = targets.has(one.slot) ? `L${one.slot}:\n` : '';
      return `${label}    ${lineOf(one, names, targets)}\n`;
    })
    .join('');
}

const isFunction = ({ opcode, source }: ListedInstruction) => opcode === OPCODE.loadWide && source === PSEUDO.function;

function targetOf(one: ListedInstruction): number | undefined {
  return isFunction(one) ? one.slot + 1 + one.immediate : one.target;
}

function lineOf(one: ListedInstruction, names: ReadonlyMap<number, string>, targets: ReadonlySet<number>): string {
  const target = targetOf(one);
  if (target !== undefined && targets.has(target))
    return one.text.replace(/pc[+-]\d+$/, `L${target}`).replace(/subprog\[[+-]\d+\]/, `subprog[L${target}]`);
  if (one.opcode === OPCODE.loadWide) return one.text.replace('map[fd:', 'map[id:');
  if (one.opcode !== OPCODE.call || one.source !== 0) return one.text;
  const symbol = names.get(one.immediate);
  if (symbol === undefined) return one.text;
  const helper = helperOf(symbol);
  return helper === undefined ? `call helper#${one.immediate}  ; ${symbol}` : `call ${helper}`;
}

/** Calls into maps go to the map's kind directly: htab_map_update_elem, trie_delete_elem, queue_map_pop_elem. Lookups are rewritten further. */
function helperOf(symbol: string): string | undefined {
  if (helperNumber(symbol) !== undefined) return symbol;
  const what = /^\w+_(update|delete|push|pop|peek)_elem$/.exec(symbol)?.[1];
  return what && `bpf_map_${what}_elem`;
}
