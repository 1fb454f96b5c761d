/** An object file: what stands in it and how it is to be loaded at the left, what came of it at the right. */
import { FileCog, FolderOpen } from 'lucide-react';
import { useApi } from '../../api/backend-context.ts';
import { keysOf, runCommand } from '../../state/commands.ts';
import { showFace } from '../../state/workbench.ts';
import { Button, EmptyState, Kbd, Pane, Panes } from '../../ui/index.ts';
import { LoadForm } from './load-form.tsx';
import { dismissError, loadObject, useObject } from './object-state.ts';
import { Outcome } from './outcome.tsx';
import { Trouble } from './trouble.tsx';
import styles from './workbench.module.css';

export function ObjectFace() {
  const opened = useObject((s) => s.opened);
  const outcome = useObject((s) => s.outcome);
  const loading = useObject((s) => s.loading);
  const api = useApi();
  if (!opened) return <Door />;
  return (
    <Panes id="workbench-object" orientation="horizontal">
      <Pane id="form" defaultSize="46%" minSize={380}>
        <LoadForm {...opened} />
      </Pane>
      <Pane id="outcome" minSize={320}>
        <Outcome outcome={outcome} loading={loading} onAgain={() => void loadObject(api)} />
      </Pane>
    </Panes>
  );
}

function Door() {
  const opening = useObject((s) => s.opening);
  const error = useObject((s) => s.error);
  const keys = keysOf('workbench.open');
  return (
    <div className={styles.door}>
      {error && <Trouble error={error} title="The file could not be opened" onDismiss={dismissError} />}
      <EmptyState
        icon={<FileCog aria-hidden />}
        title={opening === undefined ? 'Open an eBPF object file' : `Reading ${opening}…`}
        actions={
          <>
            <Button
              tone="primary"
              icon={<FolderOpen aria-hidden />}
              disabled={opening !== undefined}
              onClick={() => runCommand('workbench.open')}
            >
              Open object…
            </Button>
            <Button onClick={() => showFace('write')}>Write a program</Button>
            <Button onClick={() => showFace('library')}>Look into the library</Button>
          </>
        }
      >
        Anything that clang or bpf-gcc compiled, from any project: drop it here
        {keys && (
          <>
            {' '}
            or press <Kbd keys={keys} />
          </>
        )}
        . Its programs, maps and settings show before anything is loaded.
      </EmptyState>
    </div>
  );
}
