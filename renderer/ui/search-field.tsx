/** The search box above a list: a glass, the text, and a way to clear it (Escape too). */
import { Search, X } from 'lucide-react';
import type { RefObject } from 'react';
import { IconButton } from './button.tsx';
import { cx } from './cx.ts';
import styles from './search-field.module.css';

export interface SearchFieldProps {
  /** Accessible name: "Search flows". */
  label: string;
  placeholder: string;
  value: string;
  onChange(value: string): void;
  /** For the command that puts the cursor into it. */
  input?: RefObject<HTMLInputElement | null>;
  /** What clearing does, where that is more than an empty text; and what it is called. */
  onClear?(): void;
  clearLabel?: string;
  /** It is an expression: one width a letter; red where it cannot be understood. */
  expression?: boolean;
  wrong?: boolean;
}

export function SearchField({
  label,
  placeholder,
  value,
  onChange,
  input,
  onClear = () => onChange(''),
  clearLabel = 'Clear the search',
  expression = false,
  wrong = false,
}: SearchFieldProps) {
  return (
    <label className={styles.search} data-wrong={wrong}>
      <Search aria-hidden size={13} />
      <input
        ref={input}
        type="search"
        className={cx(expression && 'mono')}
        aria-label={label}
        aria-invalid={wrong}
        placeholder={placeholder}
        maxLength={200}
        spellCheck={false}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && onClear()}
      />
      {value !== '' && (
        <IconButton size="sm" label={clearLabel} keys="Escape" icon={<X aria-hidden />} onClick={onClear} />
      )}
    </label>
  );
}
