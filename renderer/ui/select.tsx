/**
 * One choice of a few, as a compact drop-down. Built on Radix's menu with radio items rather than its Select, which injects
 * a <style> element and so breaks the window's content security policy.
 */
import { Check, ChevronDown } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';
import { cx } from './cx.ts';
import { useLayer } from './layer.ts';
import styles from './menu.module.css';

export interface SelectOption<T extends string> {
  value: T;
  label: string;
  /** A second line that says what choosing it means. */
  detail?: string;
  icon?: ReactNode;
  disabled?: boolean;
}

export interface SelectProps<T extends string> {
  /** Accessible name: what is chosen here. */
  label: string;
  value: T;
  options: readonly SelectOption<NoInfer<T>>[];
  onChange(value: NoInfer<T>): void;
  disabled?: boolean;
  className?: string | undefined;
  size?: 'sm' | 'md';
}

export function Select<T extends string>(props: SelectProps<T>) {
  const container = useLayer();
  const chosen = props.options.find((option) => option.value === props.value);
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        className={cx(styles.trigger, props.size === 'sm' && styles.triggerSm, props.className)}
        disabled={props.disabled}
        aria-label={`${props.label}: ${chosen?.label ?? 'none'}`}
        title={props.label}
      >
        {chosen?.icon}
        <span className={styles.value}>{chosen?.label ?? '–'}</span>
        <ChevronDown className={styles.chevron} aria-hidden />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal container={container}>
        <DropdownMenu.Content className={styles.menu} align="start" sideOffset={4} collisionPadding={8}>
          <DropdownMenu.RadioGroup value={props.value} onValueChange={(value) => props.onChange(value as T)}>
            {props.options.map((option) => (
              <DropdownMenu.RadioItem
                key={option.value}
                className={styles.item}
                value={option.value}
                disabled={option.disabled ?? false}
                textValue={option.label}
              >
                <span className={styles.tick}>
                  <DropdownMenu.ItemIndicator>
                    <Check aria-hidden />
                  </DropdownMenu.ItemIndicator>
                </span>
                {option.icon}
                <span className={styles.words}>
                  <span>{option.label}</span>
                  {option.detail && <span className={styles.detail}>{option.detail}</span>}
                </span>
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
