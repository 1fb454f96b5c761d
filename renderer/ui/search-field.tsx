/** The search box above a list: a glass, the text, and a way to clear it (Escape too). */
import { Search, X } from 'lucide-react';
import type { RefObject } from 'react';
import { IconButton } from './button.tsx';
import styles from './search-field.module.css';

export interface SearchFieldProps {
  /** Accessible name: "Search flows". */
  label: string;
  placeholder: string;
  value: string;
  onChange(value: string): void;
  /** For the command that puts the cursor into it. */
  input?: RefObject<HTMLInputElement | null>;
}

export function SearchField({ label, placeholder, value, onChange, input }: SearchFieldProps) {
  return (
    <label className={styles.search}>
      <Search aria-hidden size={13} />
      <input
        ref={input}
        type="search"
        aria-label={label}
        placeholder={placeholder}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && onChange('')}
      />
      {value !== '' && (
        <IconButton
          size="sm"
          label="Clear the search"
          keys="Escape"
          icon={<X aria-hidden />}
          onClick={() => onChange('')}
        />
      )}
    </label>
  );
}
