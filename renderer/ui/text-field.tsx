/**
 * A field of one line for what is read letter by letter: filters, numbers, names in code. As wide as its place; a class may say otherwise. `wrong`: what is in it
 * cannot be taken.
 */
import type { InputHTMLAttributes, Ref } from 'react';
import { cx } from './cx.ts';
import styles from './text-field.module.css';

export interface TextFieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'aria-label' | 'aria-invalid'> {
  /** Accessible name. */
  label: string;
  wrong?: boolean;
  ref?: Ref<HTMLInputElement>;
}

export function TextField({ label, wrong = false, className, ...rest }: TextFieldProps) {
  return (
    <input
      type="text"
      className={cx('mono', styles.field, className)}
      aria-label={label}
      aria-invalid={wrong}
      autoComplete="off"
      spellCheck={false}
      {...rest}
    />
  );
}
