/**
 * The text editor (CodeMirror 6). It lives in a shadow root of its own: there it brings its rules as constructed style sheets, so that the page's policy needs
 * no exception for style elements. Colours and fonts are the window's tokens, which reach inside. Undo and selection outlive a look elsewhere.
 */
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, indentOnInput, indentUnit } from '@codemirror/language';
import { EditorState, Prec } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { useEffect, useRef } from 'react';
import { type Language, languageOf } from './editor-modes.ts';
import { type Problem, problemField, setProblems } from './editor-problems.ts';
import { look } from './editor-theme.ts';
import styles from './write-face.module.css';

export interface EditorProps {
  /** What is kept of it while it is not shown is kept under this name. */
  id: string;
  label: string;
  language: Language;
  text: string;
  problems: readonly Problem[];
  readOnly?: boolean;
  onChange?(text: string): void;
  /** Ctrl+Enter. */
  onRun?(): void;
}

/** Typing over a selection: left to the browser, it keeps the colours of what was there by style attributes, which the page's policy forbids. */
const typeOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { data, inputType, isComposing } = event;
    if (inputType !== 'insertText' || data === null || isComposing) return false;
    if (view.state.readOnly || view.state.selection.main.empty) return false;
    view.dispatch(view.state.replaceSelection(data), { userEvent: 'input.type', scrollIntoView: true });
    event.preventDefault();
    return true;
  },
});

const kept = new Map<string, EditorState>();
/** Whose properties a state's extensions read: a state outlives the component that made it. */
const slots = new Map<string, { current: EditorProps }>();

function slotOf(props: EditorProps): { current: EditorProps } {
  let slot = slots.get(props.id);
  if (!slot) {
    slot = { current: props };
    slots.set(props.id, slot);
  }
  slot.current = props;
  return slot;
}

/** Default export: it is loaded when first shown. */
export default function Editor(props: EditorProps) {
  const { id, text, problems } = props;
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const latest = slotOf(props);

  useEffect(() => {
    const root = host.current!.shadowRoot ?? host.current!.attachShadow({ mode: 'open' });
    const before = kept.get(id);
    const made = new EditorView({
      state: before?.doc.toString() === latest.current.text ? before : stateOf(latest),
      parent: root,
      root,
    });
    view.current = made;
    made.dispatch({ effects: setProblems.of(latest.current.problems) });
    return () => {
      kept.set(id, made.state);
      view.current = undefined;
      made.destroy();
    };
  }, [id, latest]);

  // Another text came from outside: a template, another page of the library.
  useEffect(() => {
    const now = view.current;
    if (now && now.state.doc.toString() !== text)
      now.dispatch({ changes: { from: 0, to: now.state.doc.length, insert: text } });
  }, [text]);

  useEffect(() => {
    view.current?.dispatch({ effects: setProblems.of(problems) });
  }, [problems]);

  return <div ref={host} className={styles.editor} />;
}

function stateOf(latest: { current: EditorProps }): EditorState {
  const { text, language, label, readOnly = false } = latest.current;
  return EditorState.create({
    doc: text,
    extensions: [
      Prec.highest(
        keymap.of([
          {
            key: 'Mod-Enter',
            run: () => {
              latest.current.onRun?.();
              return true;
            },
          },
        ]),
      ),
      lineNumbers(),
      typeOver,
      drawSelection(),
      history(),
      bracketMatching(),
      indentOnInput(),
      indentUnit.of(language === 'c' ? '\t' : '  '),
      EditorState.tabSize.of(4),
      highlightActiveLine(),
      highlightActiveLineGutter(),
      // Tab indents; Esc and then Tab goes on to the next control.
      keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]),
      languageOf(language),
      problemField,
      look,
      EditorState.readOnly.of(readOnly),
      EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false' }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) latest.current.onChange?.(update.state.doc.toString());
      }),
    ],
  });
}
