/** Who calls whom, as a tree: functions of the program, programs behind tail calls, programs that its devmaps and cpumaps run. */
import { CornerDownRight, Repeat2, Workflow } from 'lucide-react';
import { useMemo } from 'react';
import type { ProgramDetail } from '../../../electron/shared/workbench-api.ts';
import { showMap } from '../../state/kernel-objects.ts';
import { grouped } from '../../ui/index.ts';
import { type CallNode, callTree } from './call-tree.ts';
import styles from './calls.module.css';

export interface CallsTabProps {
  detail: ProgramDetail;
  onGo(slot: number): void;
  onProgram(id: number): void;
}

const WORDS: Record<CallNode['kind'], string> = {
  entry: '',
  call: 'calls',
  'tail-call': 'tail call',
  'map-program': 'runs on what is redirected',
};

export function CallsTab({ detail, onGo, onProgram }: CallsTabProps) {
  const nodes = useMemo(() => callTree(detail), [detail]);
  return (
    <div className={styles.face}>
      <ul className={styles.tree} aria-label="Calls">
        {nodes.map((node, i) => (
          // A tree of one program: nothing moves in it.
          // biome-ignore lint/suspicious/noArrayIndexKey: the same function may stand in several places
          <li key={i} className={styles.node} style={{ paddingLeft: 8 + node.depth * 22 }}>
            <Icon node={node} />
            <Name node={node} onGo={onGo} onProgram={onProgram} />
            <span className={styles.faint}>{words(node)}</span>
            {node.call?.map && (
              <button type="button" className={styles.map} onClick={() => showMap(node.call!.map!.id)}>
                {node.call.map.name}
                {node.call.key !== undefined && `[${node.call.key}]`}
              </button>
            )}
            {node.call?.at !== undefined && (
              <button type="button" className={`mono ${styles.at}`} onClick={() => onGo(node.call!.at!)}>
                at {node.call.at}
              </button>
            )}
          </li>
        ))}
      </ul>
      {nodes.length === 1 && (
        <p className={styles.none}>
          It is one function that calls no other and no program. Helpers of the kernel are in its code.
        </p>
      )}
    </div>
  );
}

function Icon({ node: { kind, depth } }: { node: CallNode }) {
  if (kind === 'tail-call') return <Repeat2 aria-hidden size={13} />;
  if (kind === 'map-program') return <Workflow aria-hidden size={13} />;
  return depth === 0 ? <span className={styles.dot} /> : <CornerDownRight aria-hidden size={13} />;
}

function Name({ node, onGo, onProgram }: { node: CallNode } & Pick<CallsTabProps, 'onGo' | 'onProgram'>) {
  const { name, at, call } = node;
  const programId = call?.programId;
  if (programId !== undefined)
    return (
      <button type="button" className={styles.program} onClick={() => onProgram(programId)}>
        {name} <span className="mono">{programId}</span>
      </button>
    );
  if (at === undefined) return <span className={styles.empty}>nothing now</span>;
  return (
    <button type="button" className={`mono ${styles.name}`} onClick={() => onGo(at)}>
      {name}
    </button>
  );
}

function words({ kind, instructions, again }: CallNode): string {
  const size = instructions === undefined ? '' : `${grouped(instructions)} instructions`;
  if (kind === 'entry' || kind === 'call') return again ? `${size}, as above` : size;
  return `${WORDS[kind]} by`;
}
