/**
 * Capture filters: pcap-filter(7) text → classic BPF for the link types in use, by libpcap. Nothing here needs privilege; what is
 * compiled is validated again where it becomes eBPF.
 */
import type { FilterCheck } from '../../shared/api.ts';
import { type CompiledFilter, LINKTYPE_ETHERNET, LINKTYPE_RAW, SNAPLEN_MAX } from '../../shared/capture.ts';
import { XdpeekError } from '../../shared/errors.ts';
import { pcapAddon } from './pcap-addon.ts';
import { findPlace } from './place.ts';

export { filterPresets } from './presets.ts';

/** Ethernet, raw IP, and 802.11 with and without radiotap. */
export const FILTER_LINK_TYPES: readonly number[] = [LINKTYPE_ETHERNET, LINKTYPE_RAW, 105, 127];

type Program = CompiledFilter['programs'][number];

function compileFor(text: string, linkType: number): Program | Error {
  const { compile } = pcapAddon();
  try {
    const code = compile(text, linkType, SNAPLEN_MAX);
    // protochain walks IPv6 headers in a loop: libpcap's own interpreter takes it, no kernel does.
    if (jumpsBack(code)) return new Error("'protochain' follows headers in a loop, which no filter in the kernel can");
    return { linkType, code };
  } catch (error) {
    return error as Error;
  }
}

const JUMP_ALWAYS = 0x05;

function jumpsBack(code: readonly number[]): boolean {
  for (let at = 0; at < code.length; at += 4) if (code[at] === JUMP_ALWAYS && code[at + 3]! > 0x7fffffff) return true;
  return false;
}

/** What `text` is for each link type that it fits. Throws XdpeekError FILTER, with the place in the text, where it fits none. */
export function compileFilter(text: string, linkTypes: readonly number[]): CompiledFilter {
  const results = linkTypes.map((linkType) => compileFor(text, linkType));
  const programs = results.filter((result): result is Program => !(result instanceof Error));
  const [failed] = results.filter((result) => result instanceof Error);
  if (programs.length > 0 || !failed) return { text, programs };
  const { compile } = pcapAddon();
  const place = findPlace(text, failed.message, (start) => compile(start, linkTypes[0]!, SNAPLEN_MAX));
  throw new XdpeekError({
    code: 'FILTER',
    message: `the capture filter cannot be used: ${failed.message}`,
    tried: text,
    place,
    hint: 'Capture filters are written as for tcpdump: see pcap-filter(7).',
  });
}

/** The same question without a throw, for a field that is being typed in. Empty text is a good filter: everything. */
export function checkFilter(text: string, linkTypes: readonly number[]): FilterCheck {
  if (text.trim() === '') return { ok: true, instructions: 0 };
  try {
    const { programs } = compileFilter(text, linkTypes);
    return { ok: true, instructions: Math.max(...programs.map(({ code }) => code.length / 4)) };
  } catch (error) {
    if (!(error instanceof XdpeekError)) throw error;
    const { place = { offset: 0, length: text.length } } = error;
    return { ok: false, message: error.message.replace(/^the capture filter cannot be used: /, ''), ...place };
  }
}
