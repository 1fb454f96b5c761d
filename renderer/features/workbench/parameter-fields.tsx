/** What a program of the library can be given, as a form. */
import type { LibraryParameter } from '../../../electron/shared/workbench-api.ts';
import { useInterfaceWatch } from '../../state/interfaces.ts';
import { useSession } from '../../state/session.ts';
import { PlatformSelect, TextField } from '../../ui/index.ts';
import { EXAMPLES, type Values, wrongParameter } from './parameters.ts';
import { Field } from './target-fields.tsx';

export interface ParameterFieldsProps {
  parameters: readonly LibraryParameter[];
  values: Values;
  onChange(name: string, value: string): void;
}

export function ParameterFields({ parameters, values, onChange }: ParameterFieldsProps) {
  return parameters.map((parameter) => {
    const { name, label, help, kind, fallback, required } = parameter;
    const value = values[name] ?? '';
    const wrong = value === '' ? undefined : wrongParameter(parameter, value);
    return (
      <Field key={name} name={label} help={wrong ?? `${help[0]?.toUpperCase() ?? ''}${help.slice(1)}`}>
        {kind === 'interface' ? (
          <Interfaces label={label} value={value} required={required} onChange={(next) => onChange(name, next)} />
        ) : (
          <TextField
            label={label}
            wrong={wrong !== undefined}
            placeholder={fallback ?? EXAMPLES[kind]}
            value={value}
            onChange={(event) => onChange(name, event.target.value)}
          />
        )}
      </Field>
    );
  });
}

interface InterfacesProps {
  label: string;
  value: string;
  required: boolean;
  onChange(value: string): void;
}

/** By name: the program is attached in the namespace where that name is looked up. */
function Interfaces({ label, value, required, onChange }: InterfacesProps) {
  useInterfaceWatch();
  const interfaces = useSession((s) => s.interfaces);
  const names = [...new Set(interfaces.map(({ ifname }) => ifname))].sort();
  return (
    <PlatformSelect
      label={label}
      value={value}
      groups={[
        {
          options: [
            { value: '', label: required ? 'Choose an interface' : 'None', disabled: required },
            ...names.map((name) => ({ value: name, label: name })),
          ],
        },
      ]}
      onChange={onChange}
    />
  );
}
