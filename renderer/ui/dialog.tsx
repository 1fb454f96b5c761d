/**
 * A modal dialog on the platform's own <dialog>: focus is kept inside, Esc closes, the page behind is inert, and no style element
 * is injected. Clicking the backdrop closes it.
 */
import { type ReactNode, useEffect, useRef } from 'react';
import { cx } from './cx.ts';
import styles from './dialog.module.css';

export interface DialogProps {
  label: string;
  onClose(): void;
  className?: string | undefined;
  children: ReactNode;
}

/** Mount it to open it. */
export function Dialog({ label, onClose, className, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = element.current;
    if (!dialog || dialog.open) return;
    dialog.showModal();
    // The platform focuses the first thing that can be; a field to type into is what people want.
    const first = dialog.querySelector('input');
    const choice = first?.type === 'radio' ? dialog.querySelector<HTMLInputElement>('input[type=radio]:checked') : null;
    (choice ?? first)?.focus();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard's way is Esc, which the dialog handles itself
    <dialog
      ref={element}
      className={cx(styles.dialog, className)}
      aria-label={label}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === element.current) onClose();
      }}
    >
      {children}
    </dialog>
  );
}
