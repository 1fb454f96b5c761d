/** Why nothing is watched: not asked for yet, refused, or ended by itself; with what starting does, and the button. */
import { CircleAlert, Play } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ErrorData } from '../../../electron/shared/errors.ts';
import { Button, EmptyState, sentence } from '../../ui/index.ts';
import styles from './monitor.module.css';
import type { useStarter } from './use-monitor.ts';

export type Starter = ReturnType<typeof useStarter>;

interface NotRunningProps {
  icon: ReactNode;
  title: string;
  /** On the button. */
  start: string;
  method: 'monitor.start' | 'trace.start';
  starter: Starter;
  error: ErrorData | undefined;
  children: ReactNode;
}

export function NotRunning({ icon, title, start, method, starter, error, children }: NotRunningProps) {
  return (
    <EmptyState
      icon={error ? <CircleAlert aria-hidden /> : icon}
      title={error ? sentence(error.message) : title}
      actions={
        <Button
          tone="primary"
          disabled={starter.pending}
          icon={<Play aria-hidden />}
          onClick={() => starter.run(method)}
        >
          {starter.pending ? 'Starting…' : error ? 'Try again' : start}
        </Button>
      }
    >
      {error?.hint && (
        <>
          {error.hint}
          <br />
        </>
      )}
      {children}
    </EmptyState>
  );
}

/** It ended, and what it saw is still shown. */
export function EndedStrip({ error, starter, method }: Pick<NotRunningProps, 'error' | 'starter' | 'method'>) {
  if (!error) return null;
  return (
    <div className={styles.ended} role="alert">
      <CircleAlert aria-hidden />
      <span>
        <strong>{sentence(error.message)}</strong> {error.hint} What you see is what was there last.
      </span>
      <Button size="sm" tone="danger" disabled={starter.pending} onClick={() => starter.run(method)}>
        Start again
      </Button>
    </div>
  );
}
