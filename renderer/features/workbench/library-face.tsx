/** The library that comes with xdpeek: one page a program, with what it does, its parameters, its source, and the place to attach it to. */
import { useEffect, useState } from 'react';
import { create } from 'zustand';
import { type ErrorData, errorData } from '../../../electron/shared/errors.ts';
import type { LibraryEntry } from '../../../electron/shared/workbench-api.ts';
import { useApi } from '../../api/backend-context.ts';
import { Pane, Panes } from '../../ui/index.ts';
import styles from './library.module.css';
import { LibraryPage } from './library-page.tsx';
import { Trouble } from './trouble.tsx';

/** Which page is open; it is the same after a look elsewhere. */
const useChosen = create<{ name: string }>(() => ({ name: '' }));

export function LibraryFace() {
  const api = useApi();
  const [entries, setEntries] = useState<readonly LibraryEntry[]>();
  const [error, setError] = useState<ErrorData>();
  const name = useChosen((s) => s.name);
  useEffect(() => {
    api.call('library.list', {}).then(setEntries, (failure) => setError(errorData(failure)));
  }, [api]);
  if (error)
    return (
      <div className={styles.failed}>
        <Trouble error={error} title="The library cannot be read" />
      </div>
    );
  if (!entries) return null;
  const chosen = entries.find((entry) => entry.name === name) ?? entries[0];
  return (
    <Panes id="workbench-library" orientation="horizontal">
      <Pane id="list" defaultSize={224} minSize={170}>
        <List entries={entries} chosen={chosen?.name} />
      </Pane>
      <Pane id="page" minSize={480}>
        {chosen && <LibraryPage key={chosen.name} entry={chosen} />}
      </Pane>
    </Panes>
  );
}

function List({ entries, chosen }: { entries: readonly LibraryEntry[]; chosen: string | undefined }) {
  const choose = (name: string | undefined) => {
    if (name === undefined) return;
    useChosen.setState({ name });
    document.getElementById(`library-${name}`)?.focus();
  };
  return (
    <ul
      className={styles.list}
      aria-label="Programs of the library"
      onKeyDown={(event) => {
        const at = entries.findIndex(({ name }) => name === chosen);
        const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: entries.length - 1 };
        const to = steps[event.key];
        if (to === undefined) return;
        event.preventDefault();
        choose(entries[Math.max(0, Math.min(entries.length - 1, to))]?.name);
      }}
    >
      {entries.map(({ name, title, loads }) => (
        <li key={name}>
          <button
            id={`library-${name}`}
            type="button"
            className={styles.item}
            aria-current={name === chosen}
            tabIndex={name === chosen ? 0 : -1}
            onClick={() => choose(name)}
          >
            <span className={styles.itemTitle} title={title}>
              {title}
            </span>
            <span className={styles.itemName}>
              <code>{name}</code>
              {!loads && <span className={styles.lesson}>refused</span>}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
