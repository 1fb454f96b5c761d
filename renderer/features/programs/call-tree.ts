/** Calls as an indented tree, from the program's own function down. A function that was opened above is named again, not opened again. Pure. */
import type { ProgramCall, ProgramDetail } from '../../../electron/shared/workbench-api.ts';

export interface CallNode {
  depth: number;
  name: string;
  kind: 'entry' | ProgramCall['kind'];
  /** Of functions of this program. */
  at?: number;
  instructions?: number;
  call?: ProgramCall;
  /** It is drawn further up with what it calls. */
  again: boolean;
}

export function callTree({ functions, calls }: Pick<ProgramDetail, 'functions' | 'calls'>): CallNode[] {
  const nodes: CallNode[] = [];
  const opened = new Set<string>();
  const add = (name: string, depth: number, kind: CallNode['kind'], call?: ProgramCall) => {
    const own = kind === 'entry' || kind === 'call' ? functions.find((each) => each.name === name) : undefined;
    const inner = own ? calls.filter(({ from }) => from === name) : [];
    const again = own !== undefined && opened.has(name) && inner.length > 0;
    nodes.push({
      depth,
      name,
      kind,
      again,
      ...(own && { at: own.at, instructions: own.instructions }),
      ...(call && { call }),
    });
    if (!own || opened.has(name)) return;
    opened.add(name);
    for (const next of inner) add(next.to, depth + 1, next.kind, next);
  };
  if (functions[0]) add(functions[0].name, 0, 'entry');
  // Callbacks and what nothing here calls directly.
  for (const { name } of functions) if (!opened.has(name)) add(name, 0, 'entry');
  return nodes;
}
