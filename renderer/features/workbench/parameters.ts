/** What a program of the library can be given, and what is wrong with what is typed. Pure; the session looks closer. */
import type { LibraryParameter } from '../../../electron/shared/workbench-api.ts';

export type Values = Readonly<Record<string, string>>;

const MAC = /^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i;
export const EXAMPLES: Record<LibraryParameter['kind'], string> = {
  number: '',
  interface: '',
  mac: '02:00:00:00:00:01',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  address: '192.0.2.1 or 2001:db8::1',
  'mac-pairs': '02:00:00:00:00:01=02:00:00:00:00:02, …',
  port: '443',
};

/** Undefined = nothing. */
export function wrongParameter(parameter: LibraryParameter, text: string): string | undefined {
  const { kind, required, label, min = 0, max = Number.MAX_SAFE_INTEGER } = parameter;
  const value = text.trim();
  if (value === '') return required ? `${label} is needed.` : undefined;
  if (kind === 'number' && !(/^\d+$/.test(value) && Number(value) >= min && Number(value) <= max))
    return parameter.max === undefined ? `${label} is a whole number.` : `${label} is a number, ${min} to ${max}.`;
  if (kind === 'port' && !(/^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= 65_535))
    return `${label} is a port, 1 to 65535.`;
  if (kind === 'mac' && !MAC.test(value)) return `${label} is an address like ${EXAMPLES.mac}.`;
  return undefined;
}

export function wrongParameters(parameters: readonly LibraryParameter[], values: Values): string | undefined {
  for (const parameter of parameters) {
    const wrong = wrongParameter(parameter, values[parameter.name] ?? '');
    if (wrong) return wrong;
  }
  return undefined;
}
