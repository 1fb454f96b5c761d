/** A typed value as fields: numbers, names of enums, switches, text, bytes; records and lists open to theirs. What is wrong is said beside the field. */
import { RotateCcw } from 'lucide-react';
import type { CType, CValue } from '../../electron/shared/workbench-api.ts';
import { IconButton } from './button.tsx';
import { PlatformSelect } from './platform-select.tsx';
import { TextField } from './text-field.tsx';
import { isLeaf, shownMembers, withValue, wrongScalar } from './typed-value.ts';
import styles from './value-field.module.css';

/** Entries of a list that have fields; the others keep what they are. */
const LISTED = 64;

export interface ValueFieldProps {
  name: string;
  note?: string;
  type: CType;
  value: CValue;
  bits?: number | undefined;
  changed?: boolean;
  disabled?: boolean;
  /** Unfolded at first; by default while there are few members. */
  open?: boolean;
  /** The text has rules of its own: the one who takes it says what is wrong. */
  unchecked?: boolean;
  onChange(next: CValue): void;
  /** Back to what it was: offered while it is changed. */
  onReset?(): void;
}

export function ValueField(props: ValueFieldProps) {
  const { name, note, type, value, bits, changed = false, disabled = false, onChange, onReset } = props;
  if (isLeaf(type) && typeof value === 'string') {
    const wrong = props.unchecked || disabled ? undefined : wrongScalar(type, value, bits);
    return (
      <div className={styles.line} data-changed={changed} data-resettable={onReset !== undefined}>
        <span className={styles.name} title={note === undefined ? name : `${name} (${note})`}>
          {name}
        </span>
        <Leaf {...props} value={value} wrong={wrong !== undefined} />
        <span className={styles.type} data-wrong={wrong !== undefined} title={type.name}>
          {wrong ?? (type.name || `${type.bytes} bytes`)}
        </span>
        {onReset && (
          <span className={styles.reset}>
            {changed && (
              <IconButton size="sm" label={`${name} as it was`} icon={<RotateCcw aria-hidden />} onClick={onReset} />
            )}
          </span>
        )}
      </div>
    );
  }
  const members = inner(type, value);
  return (
    <details className={styles.group} data-changed={changed} open={props.open ?? members.length <= 8}>
      <summary className={styles.summary}>
        <span className={styles.name}>{name}</span>
        <span className={styles.type}>{type.name}</span>
        {changed && onReset && (
          <IconButton size="sm" label={`${name} as it was`} icon={<RotateCcw aria-hidden />} onClick={onReset} />
        )}
      </summary>
      <div className={styles.inner}>
        {members.map(({ step, label, type: its, value: one, bits: width }) => (
          <ValueField
            key={step}
            name={label}
            type={its}
            value={one}
            bits={width}
            disabled={disabled}
            onChange={(next) => onChange(withValue(value, [step], next))}
          />
        ))}
        {Array.isArray(value) && value.length > LISTED && (
          <p className={styles.rest}>{value.length - LISTED} more entries stay as they are.</p>
        )}
      </div>
    </details>
  );
}

interface Inner {
  step: string | number;
  label: string;
  type: CType;
  value: CValue;
  bits?: number;
}

function inner(type: CType, value: CValue): Inner[] {
  if (type.kind === 'array' && Array.isArray(value))
    return value.slice(0, LISTED).map((one, i) => ({ step: i, label: `[${i}]`, type: type.of, value: one }));
  if ((type.kind !== 'struct' && type.kind !== 'union') || typeof value === 'string' || Array.isArray(value)) return [];
  return shownMembers(type).flatMap(({ name, type: its, bitSize }) =>
    value[name] === undefined
      ? []
      : [{ step: name, label: name, type: its, value: value[name], ...(bitSize !== undefined && { bits: bitSize }) }],
  );
}

function Leaf({
  name,
  type,
  value,
  wrong,
  disabled = false,
  onChange,
}: ValueFieldProps & { value: string; wrong: boolean }) {
  if (type.kind === 'int' && type.encoding === 'bool')
    return (
      <label className={styles.switch}>
        <input
          type="checkbox"
          aria-label={name}
          disabled={disabled}
          checked={value !== 'false' && value !== '0'}
          onChange={(event) => onChange(String(event.target.checked))}
        />
        {value}
      </label>
    );
  if (type.kind === 'enum' && type.values.some((each) => each.name === value))
    return (
      <PlatformSelect
        label={name}
        value={value}
        groups={[{ options: type.values.map((each) => ({ value: each.name, label: `${each.name} = ${each.value}` })) }]}
        disabled={disabled}
        onChange={onChange}
      />
    );
  return (
    <TextField
      label={name}
      wrong={wrong}
      disabled={disabled}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
