/** How the two languages of the editor are coloured. eBPF assembly is the kernel's own notation (Documentation of the verifier's log, bpftool). */
import { cpp } from '@codemirror/lang-cpp';
import { HighlightStyle, StreamLanguage, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { tags } from '@lezer/highlight';

const assembly = StreamLanguage.define<{ start: boolean }>({
  name: 'ebpf',
  startState: () => ({ start: true }),
  token(stream, state) {
    if (stream.sol()) state.start = true;
    if (stream.eatSpace()) return null;
    if (stream.match(/^(;|\/\/|#(?!\d)).*/)) return 'comment';
    const start = state.start;
    state.start = false;
    // Slot and opcode of a listing: they are skipped when it is assembled.
    if (start && stream.match(/^\d+: \([0-9a-f]{2}\)/)) return 'meta';
    if (start && stream.match(/^\.(map|type|license)\b[^;/#]*/)) return 'meta';
    if (start && stream.match(/^[A-Za-z_.$][\w.$]*:/)) {
      state.start = true;
      return 'labelName';
    }
    if (stream.match(/^[rw](10|\d)\b/)) return 'variableName';
    if (stream.match(/^[us](8|16|32|64)\b/)) return 'typeName';
    if (
      stream.match(
        /^(goto|gotol|may_goto|call|exit|if|lock|ll|skb|map|atomic\w*|be16|be32|be64|le16|le32|le64|bswap\d+)\b/,
      )
    )
      return 'keyword';
    if (stream.match(/^bpf_\w+/)) return 'atom';
    if (stream.match(/^[+-]?(0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)\b/)) return 'number';
    if (stream.match(/^[A-Za-z_.$][\w.$]*/)) return 'labelName';
    stream.next();
    return null;
  },
  languageData: { commentTokens: { line: ';' } },
});

const colours = HighlightStyle.define([
  { tag: tags.comment, color: 'var(--text-3)' },
  { tag: [tags.keyword, tags.controlKeyword, tags.operatorKeyword], color: 'var(--accent-text)' },
  { tag: [tags.number, tags.bool], color: 'var(--warn)' },
  { tag: [tags.string, tags.character], color: 'var(--ok)' },
  { tag: [tags.typeName, tags.atom, tags.labelName], color: 'var(--note)' },
  { tag: [tags.meta, tags.processingInstruction], color: 'var(--text-3)' },
  { tag: tags.function(tags.definition(tags.variableName)), fontWeight: 'var(--weight-strong)' },
]);

export type Language = 'assembly' | 'c';

export function languageOf(language: Language): Extension {
  return [language === 'c' ? cpp() : assembly, syntaxHighlighting(colours)];
}
