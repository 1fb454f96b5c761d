/** The editor in the window's tokens. Its own images (none are allowed by the policy) are never asked for. */
import { EditorView } from '@codemirror/view';

export const look = EditorView.theme({
  '&': { height: '100%', color: 'var(--text-1)', backgroundColor: 'var(--surface-0)', fontSize: 'var(--text-sm)' },
  '&.cm-focused': { outline: '1px solid var(--focus)', outlineOffset: '-1px' },
  '.cm-scroller': {
    fontFamily: 'var(--font-mono)',
    lineHeight: '18px',
    fontFeatureSettings: '"zero"',
    fontVariantLigatures: 'none',
    // The rule of the page does not reach in here.
    scrollbarWidth: 'thin',
  },
  '.cm-content': { caretColor: 'var(--text-1)', padding: 'var(--space-2) 0' },
  '.cm-cursor': { borderLeftColor: 'var(--text-1)' },
  '.cm-gutters': {
    backgroundColor: 'var(--surface-1)',
    color: 'var(--text-3)',
    borderRight: '1px solid var(--border)',
  },
  '.cm-activeLine': { backgroundColor: 'transparent' },
  '&.cm-focused .cm-activeLine': { backgroundColor: 'var(--accent-soft)' },
  '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--text-1)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--selection)',
  },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--selection-idle)' },
  '.cm-line.cm-bad-error': { backgroundColor: 'var(--error-soft)', boxShadow: 'inset 3px 0 var(--error)' },
  '.cm-line.cm-bad-warning': { backgroundColor: 'var(--warn-soft)', boxShadow: 'inset 3px 0 var(--warn)' },
  '.cm-place-error': { textDecoration: 'underline wavy var(--error)', textUnderlineOffset: '3px' },
  '.cm-place-warning': { textDecoration: 'underline wavy var(--warn)', textUnderlineOffset: '3px' },
  '.cm-problem': {
    padding: '1px var(--space-3)',
    fontFamily: 'var(--font-ui)',
    fontSize: 'var(--text-sm)',
    whiteSpace: 'pre-wrap',
  },
  '.cm-problem-error': {
    color: 'var(--error)',
    backgroundColor: 'var(--error-soft)',
    boxShadow: 'inset 3px 0 var(--error)',
  },
  '.cm-problem-warning': {
    color: 'var(--warn)',
    backgroundColor: 'var(--warn-soft)',
    boxShadow: 'inset 3px 0 var(--warn)',
  },
  '.cm-problem-note': { color: 'var(--note)' },
});
