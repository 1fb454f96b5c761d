/** Choose a program: those of the kernel first, then the library's, searched by what they are called and do. */
import { Search } from 'lucide-react';
import { type KeyboardEvent, useState } from 'react';
import { cx } from '../../ui/index.ts';
import styles from './run-packet.module.css';
import type { Choice } from './use-programs.ts';

export interface ProgramListProps {
  choices: readonly Choice[];
  chosen: string | undefined;
  onChoose(key: string): void;
  /** Enter, or a double click. */
  onRun(): void;
}

const SECTIONS = [
  { from: 'kernel', title: 'In the kernel' },
  { from: 'library', title: 'Library' },
] as const;

export function ProgramList({ choices, chosen, onChoose, onRun }: ProgramListProps) {
  const [search, setSearch] = useState('');
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = choices.filter(({ name, detail }) =>
    words.every((word) => `${name} ${detail}`.toLowerCase().includes(word)),
  );
  const ordered = SECTIONS.flatMap(({ from }) => shown.filter((choice) => choice.from === from));
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === 'Enter') onRun();
    if (step === undefined || ordered.length === 0) return;
    event.preventDefault();
    const at = ordered.findIndex(({ key }) => key === chosen);
    const next = ordered[Math.max(0, Math.min(ordered.length - 1, at + step))]!;
    onChoose(next.key);
    document.getElementById(idOf(next.key))?.scrollIntoView({ block: 'nearest' });
  };
  return (
    <>
      <label className={styles.search}>
        <Search aria-hidden />
        <input
          type="search"
          aria-label="Find a program"
          placeholder="Find a program"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
          onKeyDown={onKeyDown}
        />
      </label>
      <div
        className={styles.list}
        role="listbox"
        aria-label="Program"
        tabIndex={0}
        aria-activedescendant={chosen && idOf(chosen)}
        onKeyDown={onKeyDown}
      >
        {SECTIONS.map(({ from, title }) => {
          const part = shown.filter((choice) => choice.from === from);
          if (part.length === 0) return null;
          return (
            <div key={from} role="group" aria-label={title}>
              <div className={styles.section} aria-hidden>
                {title}
              </div>
              {part.map(({ key, name, detail }) => (
                // biome-ignore lint/a11y/useKeyWithClickEvents: the list box has the keys
                <div
                  key={key}
                  id={idOf(key)}
                  role="option"
                  tabIndex={-1}
                  aria-selected={key === chosen}
                  className={cx(styles.option, key === chosen && styles.chosen)}
                  onClick={() => onChoose(key)}
                  onDoubleClick={onRun}
                >
                  <span className={cx('mono', styles.name)}>{name}</span>
                  <span className={styles.detail}>{detail}</span>
                </div>
              ))}
            </div>
          );
        })}
        {shown.length === 0 && <p className={styles.nothing}>No program is called so.</p>}
      </div>
    </>
  );
}

const idOf = (key: string) => `run-${key.replace(/\W/g, '-')}`;
