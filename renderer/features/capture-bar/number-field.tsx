/** A whole number with a unit; empty = 0 = the default. */
import { useId } from 'react';
import { TextField } from '../../ui/index.ts';
import styles from './options-popover.module.css';

export interface NumberFieldProps {
  label: string;
  value: number;
  max: number;
  unit: string;
  placeholder: string;
  onChange(value: number): void;
}

export function NumberField({ label, value, max, unit, placeholder, onChange }: NumberFieldProps) {
  const id = useId();
  return (
    <span className={styles.number}>
      <TextField
        id={id}
        className={styles.figure}
        type="number"
        min={0}
        max={max}
        value={value || ''}
        placeholder={placeholder}
        label={label}
        onChange={(event) => onChange(clamp(event.target.valueAsNumber, max))}
      />
      <label htmlFor={id}>{unit}</label>
    </span>
  );
}

function clamp(value: number, max: number): number {
  return Number.isFinite(value) ? Math.min(max, Math.max(0, Math.round(value))) : 0;
}
