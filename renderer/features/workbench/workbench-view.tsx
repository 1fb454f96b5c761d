/** The workbench: object files, programs written here, the library; and below, whatever of them is loaded and attached. */
import { useEffect } from 'react';
import { useApi } from '../../api/backend-context.ts';
import { showFace, useWorkbench, type WorkbenchFace } from '../../state/workbench.ts';
import { Tabs } from '../../ui/index.ts';
import { Deck } from './deck.tsx';
import { LibraryFace } from './library-face.tsx';
import { ObjectFace } from './object-face.tsx';
import { openObject } from './object-state.ts';
import styles from './workbench.module.css';
import { WriteFace } from './write-face.tsx';

const TABS = [
  { value: 'object', label: 'Object', content: <ObjectFace /> },
  { value: 'write', label: 'Write', content: <WriteFace /> },
  { value: 'library', label: 'Library', content: <LibraryFace /> },
] satisfies { value: WorkbenchFace; label: string; content: React.ReactNode }[];

export function WorkbenchView() {
  const face = useWorkbench((s) => s.face);
  useOffered();
  return (
    <div className={styles.view}>
      <div className={styles.faces}>
        <Tabs label="Workbench" tabs={TABS} value={face} onChange={(value) => showFace(value as WorkbenchFace)} />
      </div>
      <Deck />
    </div>
  );
}

/** Files come from the menu, from a drop, or from elsewhere in the window. */
function useOffered(): void {
  const api = useApi();
  const offered = useWorkbench((s) => s.offered);
  useEffect(() => {
    if (!offered) return;
    const { offered: _, ...rest } = useWorkbench.getState();
    useWorkbench.setState(rest, true);
    void openObject(api, offered);
  }, [api, offered]);
}
