/** A typed value as fields, one a leaf of its type: numbers, names of enums, text, bytes. */
import type { CType, CValue } from '../../../electron/shared/workbench-api.ts';
import { Select } from '../../ui/index.ts';
import styles from './maps.module.css';

/** Entries of a list that have fields; the rest is a field for all of them. */
const LISTED = 32;
type Records = { [member: string]: CValue };

export interface ValueFieldsProps {
  name: string;
  type: CType;
  value: CValue;
  disabled?: boolean;
  onChange(next: CValue): void;
}

export function ValueFields(props: ValueFieldsProps) {
  const { name, type, value, disabled = false, onChange } = props;
  if (typeof value === 'string') return <Leaf {...props} value={value} />;
  const parts: [step: string, type: CType, value: CValue][] = Array.isArray(value)
    ? value.slice(0, LISTED).map((each, i) => [`[${i}]`, type.kind === 'array' ? type.of : type, each])
    : Object.entries(value).map(([member, each]) => [member, memberType(type, member), each]);
  return (
    <fieldset className={styles.group}>
      <legend>
        {name} <span className={styles.faint}>{type.name}</span>
      </legend>
      {parts.map(([step, of, each], i) => (
        <ValueFields
          key={step}
          name={step}
          type={of}
          value={each}
          disabled={disabled}
          onChange={(next) =>
            onChange(
              Array.isArray(value)
                ? value.map((old, at) => (at === i ? next : old))
                : { ...(value as Records), [step]: next },
            )
          }
        />
      ))}
    </fieldset>
  );
}

function Leaf({ name, type, value, disabled = false, onChange }: ValueFieldsProps & { value: string }) {
  const label = `${name} (${type.name || type.kind})`;
  return (
    <div className={styles.line}>
      <span className={styles.lineName} title={name}>
        {name}
      </span>
      {type.kind === 'enum' ? (
        <Select
          size="sm"
          label={label}
          value={value}
          options={[
            ...(type.values.some((each) => each.name === value) ? [] : [{ value, label: value }]),
            ...type.values.map((each) => ({ value: each.name, label: `${each.name} = ${each.value}` })),
          ]}
          onChange={onChange}
          disabled={disabled}
        />
      ) : (
        <input
          className={`mono ${styles.field}`}
          aria-label={label}
          spellCheck={false}
          disabled={disabled}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
      <span className={styles.faint}>{type.name || `${type.bytes} bytes`}</span>
    </div>
  );
}

function memberType(type: CType, name: string): CType {
  const none: CType = { kind: 'bytes', name: '', bytes: 0 };
  if (type.kind !== 'struct' && type.kind !== 'union') return none;
  for (const [i, member] of type.members.entries()) {
    if ((member.name || `(${i})`) === name) return member.type;
    if (member.name === '') {
      const inner = memberType(member.type, name);
      if (inner !== none && inner.kind !== 'bytes') return inner;
    }
  }
  return none;
}

/** Nothing but zeros, to begin with. */
export function zeroOf(type: CType): CValue {
  switch (type.kind) {
    case 'int':
      return type.encoding === 'bool' ? 'false' : '0';
    case 'enum':
      return type.values.find(({ value }) => value === '0')?.name ?? '0';
    case 'float':
    case 'pointer':
      return '0';
    case 'array':
      if (type.of.kind === 'int' && type.of.encoding === 'char') return '""';
      if (type.of.kind === 'int' && type.of.bytes === 1) return '00'.repeat(type.count);
      return Array.from({ length: type.count }, () => zeroOf(type.of));
    case 'bytes':
      return '00'.repeat(type.bytes);
    default: {
      const all: Records = {};
      for (const [i, { name, type: of, bitSize }] of type.members.entries()) {
        if (name === '' && (of.kind === 'struct' || of.kind === 'union')) Object.assign(all, zeroOf(of));
        else if (name !== '' || (bitSize ?? 1) > 0) all[name || `(${i})`] = zeroOf(of);
        // The members of a union share their bytes: one is enough.
        if (type.kind === 'union') break;
      }
      return all;
    }
  }
}
