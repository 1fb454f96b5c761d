/** In place of what only root may see or do: not asked for yet, being asked for, refused, or failed; with what to do, and the button that asks. */
import { KeyRound, ShieldAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ErrorData } from '../../electron/shared/errors.ts';
import { Button } from './button.tsx';
import { EmptyState } from './empty-state.tsx';
import { sentence } from './format.ts';

/** Asking was refused, dismissed, or is not possible here: as opposed to what went wrong later. */
export const isPermission = ({ code }: ErrorData): boolean => code.startsWith('AUTH_') || code === 'PKEXEC_MISSING';

export interface PermissionNeededProps {
  /** "Looking at the kernel’s programs": needs your permission. */
  what: string;
  /** Why the last time came to nothing. */
  error?: ErrorData | undefined;
  /** A question is on the screen, or the answer on its way. */
  asking: boolean;
  /** On the button, once it was refused. */
  again?: string;
  onAsk(): void;
  /** What else can be done. */
  actions?: ReactNode;
}

export function PermissionNeeded({ what, error, asking, again = 'Ask again', onAsk, actions }: PermissionNeededProps) {
  return (
    <EmptyState
      icon={error ? <ShieldAlert aria-hidden /> : <KeyRound aria-hidden />}
      title={error ? sentence(error.message) : `${what} needs your permission`}
      actions={
        <>
          <Button tone="primary" disabled={asking} onClick={onAsk}>
            {asking ? 'Waiting for the answer…' : error ? again : 'Ask for permission'}
          </Button>
          {actions}
        </>
      }
    >
      {error && isPermission(error) ? (
        <>
          {error.hint && <p>{error.hint}</p>}
          <p>{what} needs your permission. It is another one than that of capturing, which goes on without.</p>
        </>
      ) : error ? (
        error.hint
      ) : (
        'A small helper works as root, and changes nothing unless you say so. It is another permission than that of capturing.'
      )}
    </EmptyState>
  );
}
