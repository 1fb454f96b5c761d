/** What a compiler or assembler said, in the text: the place underlined, the words in a line of their own beneath it. */
import { type EditorState, type Extension, type Range, StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView, WidgetType } from '@codemirror/view';
import type { CompileResult } from '../../../electron/shared/workbench-api.ts';

export type Problem = CompileResult['errors'][number];

const MARKS = { error: '■', warning: '▲', note: '●' } as const;

class Words extends WidgetType {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super();
    this.problem = problem;
  }
  override eq(other: Words): boolean {
    return other.problem.text === this.problem.text && other.problem.severity === this.problem.severity;
  }
  override toDOM(): HTMLElement {
    const line = document.createElement('div');
    line.className = `cm-problem cm-problem-${this.problem.severity}`;
    line.setAttribute('role', 'note');
    line.textContent = `${MARKS[this.problem.severity]} ${this.problem.text}`;
    return line;
  }
}

export const setProblems = StateEffect.define<readonly Problem[]>();

/** They move with the text until the next are set. */
const field = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(decorations, transaction) {
    const moved = decorations.map(transaction.changes);
    const set = transaction.effects.find((effect) => effect.is(setProblems));
    return set ? decorate(transaction.state, set.value as readonly Problem[]) : moved;
  },
  provide: (own) => EditorView.decorations.from(own),
});

function decorate({ doc }: EditorState, problems: readonly Problem[]): DecorationSet {
  const ranges: Range<Decoration>[] = [];
  for (const problem of problems) {
    const line = doc.line(Math.max(1, Math.min(doc.lines, problem.line)));
    const from = Math.min(line.to, line.from + Math.max(0, problem.column - 1));
    if (problem.severity !== 'note')
      ranges.push(Decoration.line({ class: `cm-bad-${problem.severity}` }).range(line.from));
    if (from < line.to) ranges.push(Decoration.mark({ class: `cm-place-${problem.severity}` }).range(from, line.to));
    ranges.push(Decoration.widget({ widget: new Words(problem), block: true, side: 1 }).range(line.to));
  }
  return Decoration.set(ranges, true);
}

export const problemField: Extension = field;
