/** The platform's own drop-down: the only one that can be reached inside of a modal dialog, whose outside is inert. */
import { cx } from './cx.ts';
import styles from './platform-select.module.css';

export interface PlatformSelectProps<T extends string> {
  label: string;
  value: T;
  groups: readonly { label?: string; options: readonly { value: NoInfer<T>; label: string; disabled?: boolean }[] }[];
  disabled?: boolean;
  className?: string | undefined;
  onChange(value: NoInfer<T>): void;
}

export function PlatformSelect<T extends string>({
  label,
  value,
  groups,
  disabled = false,
  className,
  onChange,
}: PlatformSelectProps<T>) {
  return (
    <select
      className={cx(styles.select, className)}
      aria-label={label}
      disabled={disabled}
      value={value}
      onChange={(event) => onChange(event.target.value as T)}
    >
      {groups.map((group) => {
        const options = group.options.map((option) => (
          <option key={option.value} value={option.value} disabled={option.disabled}>
            {option.label}
          </option>
        ));
        return group.label === undefined ? (
          options
        ) : (
          <optgroup key={group.label} label={group.label}>
            {options}
          </optgroup>
        );
      })}
    </select>
  );
}
