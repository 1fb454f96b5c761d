/**
 * Buttons. `Button` has words; `IconButton` has an icon, an accessible name and a tooltip that shows its key.
 * Tones: plain (default), primary (the one action of the place), danger (ends or changes something), ghost (no frame).
 */
import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import styles from './button.module.css';
import { cx } from './cx.ts';
import { Tooltip } from './tooltip.tsx';

export type Tone = 'plain' | 'primary' | 'danger' | 'ghost';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  tone?: Tone;
  size?: 'sm' | 'md';
  icon?: ReactNode;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({ tone = 'plain', size = 'md', icon, className, children, ...rest }: ButtonProps) {
  return (
    <button type="button" className={cx(styles.button, styles[tone], styles[size], className)} {...rest}>
      {icon}
      {children !== undefined && <span className={styles.label}>{children}</span>}
    </button>
  );
}

export interface IconButtonProps extends Omit<ButtonProps, 'children' | 'aria-label'> {
  /** The accessible name and the tooltip's words. */
  label: string;
  keys?: string | undefined;
  /** For toggles: shows as pressed. */
  pressed?: boolean;
  side?: 'top' | 'right' | 'bottom' | 'left';
}

export function IconButton({
  label,
  keys,
  pressed,
  side = 'bottom',
  tone = 'ghost',
  size = 'md',
  icon,
  className,
  ...rest
}: IconButtonProps) {
  return (
    <Tooltip label={label} keys={keys} side={side}>
      <button
        type="button"
        aria-label={label}
        aria-pressed={pressed}
        className={cx(styles.button, styles.icon, styles[tone], styles[size], className)}
        {...rest}
      >
        {icon}
      </button>
    </Tooltip>
  );
}
