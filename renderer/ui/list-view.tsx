/**
 * The frame of a view that lists things: a toolbar, the rows with what is said where there are none, and beside them one thing looked at closely, with a
 * head that names it.
 */
import { RefreshCw } from 'lucide-react';
import type { FormEvent, ReactNode } from 'react';
import type { ErrorData } from '../../electron/shared/errors.ts';
import { Button } from './button.tsx';
import { cx } from './cx.ts';
import { sentence } from './format.ts';
import styles from './list-view.module.css';

/** All of the view, top to bottom. */
export function ListView({ children }: { children: ReactNode }) {
  return <div className={styles.view}>{children}</div>;
}

/** `onSubmit`: it is a form, sent by Enter. */
export function Toolbar({ children, onSubmit }: { children: ReactNode; onSubmit?(): void }) {
  if (!onSubmit) return <div className={styles.toolbar}>{children}</div>;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <form className={styles.toolbar} onSubmit={submit}>
      {children}
    </form>
  );
}

/** At the end of a toolbar: how many there are. `live`: read out when it changes. */
export function ToolbarHint({ children, live = false }: { children: ReactNode; live?: boolean }) {
  return (
    <span className={styles.hint} role={live ? 'status' : undefined}>
      {children}
    </span>
  );
}

/** The same of a list that is asked for: when that fails, what went wrong stands in its place, with the button that asks again. */
export function ToolbarEnd({ children, error, asking, onAgain }: ToolbarEndProps) {
  if (!error) return <ToolbarHint>{children}</ToolbarHint>;
  return (
    <span className={cx(styles.hint, styles.trouble)} role="alert">
      <span className={styles.troubleWords}>{sentence(error.message)}</span>
      <Button size="sm" icon={<RefreshCw aria-hidden />} disabled={asking} onClick={onAgain}>
        Ask again
      </Button>
    </span>
  );
}

export interface ToolbarEndProps {
  children: ReactNode;
  error: ErrorData | undefined;
  asking: boolean;
  onAgain(): void;
}

/** The rows. `empty` lies below their heading while there are none. */
export function ListBody({ children, empty }: { children: ReactNode; empty?: ReactNode }) {
  return (
    <div className={styles.body}>
      {children}
      {empty && <div className={styles.empty}>{empty}</div>}
    </div>
  );
}

/** One thing of the list. */
export function Detail({ label, children }: { label: string; children: ReactNode }) {
  return (
    <section className={styles.view} aria-label={label}>
      {children}
    </section>
  );
}

/** Its name, what it is in short, and at the end what can be done with it. */
export function DetailHead({ name, children, actions }: { name: string; children?: ReactNode; actions?: ReactNode }) {
  return (
    <header className={styles.head}>
      <h2 className={styles.name} title={name}>
        {name}
      </h2>
      {children}
      <span className={styles.actions}>{actions}</span>
    </header>
  );
}

export function DetailFacts({ children }: { children: string }) {
  return (
    <span className={styles.facts} title={children}>
      {children}
    </span>
  );
}

/** What fills the rest of a detail: its tabs. */
export function DetailBody({ children }: { children: ReactNode }) {
  return <div className={styles.fill}>{children}</div>;
}

/** A word about a thing: its type (plain), that it is ours (accent), that it is gone (warn). */
export function Badge({ tone = 'plain', children }: { tone?: 'plain' | 'accent' | 'warn'; children: ReactNode }) {
  return <span className={cx(styles.badge, styles[tone])}>{children}</span>;
}
