/**
 * A modal dialog on the platform's own <dialog>: focus is kept inside, Esc closes, the page behind is inert, and no style element
 * is injected. Clicking the backdrop closes it.
 */
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { cx } from './cx.ts';
import styles from './dialog.module.css';
import { Layer } from './layer.ts';

export interface DialogProps {
  label: string;
  onClose(): void;
  className?: string | undefined;
  children: ReactNode;
}

/** Mount it to open it. */
export function Dialog({ label, onClose, className, children }: DialogProps) {
  const [dialog, setDialog] = useState<HTMLDialogElement | null>(null);
  const pressed = useRef<EventTarget>(null);
  useEffect(() => {
    if (!dialog || dialog.open) return;
    dialog.showModal();
    // The platform focuses the first thing that can be; a field to type into is what people want.
    const first = dialog.querySelector('input');
    const choice = first?.type === 'radio' ? dialog.querySelector<HTMLInputElement>('input[type=radio]:checked') : null;
    (choice ?? first)?.focus();
  }, [dialog]);
  return (
    <dialog
      ref={setDialog}
      className={cx(styles.dialog, className)}
      aria-label={label}
      onClose={onClose}
      onKeyDown={(event) => {
        // A tooltip keeps Esc from the dialog, and one is there wherever the focus is. That a menu does so is right.
        const kept = event.key === 'Escape' && event.defaultPrevented;
        if (kept && !(event.target as Element).closest('[role=menu]')) onClose();
      }}
      onPointerDown={(event) => {
        pressed.current = event.target;
      }}
      onClick={(event) => {
        // Pressed there too: text that is selected with the pointer may end outside of the dialog.
        if (event.target === dialog && pressed.current === dialog) onClose();
      }}
    >
      <Layer value={dialog}>{children}</Layer>
    </dialog>
  );
}
