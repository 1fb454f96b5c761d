/** The fields that say where a program goes: the kind of place, and what that kind needs to know. */
import type { ReactNode } from 'react';
import { type AttachedProgram, type InterfaceInfo, TCX_ORDERS, XDP_MODES } from '../../../electron/shared/capture.ts';
import { interfaceKey, useInterfaceWatch } from '../../state/interfaces.ts';
import { useSession } from '../../state/session.ts';
import { PlatformSelect, Segments, TextField } from '../../ui/index.ts';
import { InterfaceSelect } from './interface-select.tsx';
import styles from './target-fields.module.css';
import { type Choice, needsInterface, needsName, PLACE_WORDS, type Place, wrongName } from './targets.ts';

const MODE_WORDS = { auto: 'Auto', native: 'Native', generic: 'Generic', offload: 'Offload' } as const;
const ORDERS = [
  { value: 'default', label: 'Default' },
  ...TCX_ORDERS.map((value) => ({ value, label: value === 'first' ? 'First' : 'Last' })),
] as const;

export function firstChoice(place: Place, name = ''): Choice {
  return { place, ifname: '', netns: '', mode: 'auto', order: 'default', name };
}

export function isComplete({ place, ifname, name }: Choice): boolean {
  return (!needsInterface(place) || ifname !== '') && (!needsName(place) || wrongName(place, name) === undefined);
}

/** Who has the place now: XDP has one program at a time, tc has a chain, sockets are their own. */
export function useOccupant({ place, ifname, netns }: Choice): AttachedProgram | undefined {
  const key = interfaceKey({ ifname, netns });
  const info = useSession((s) => s.interfaces.find((each) => interfaceKey(each) === key));
  return place === 'xdp' ? info?.attached.find(({ hook }) => hook === 'xdp') : undefined;
}

export interface TargetFieldsProps {
  places: readonly Place[];
  choice: Choice;
  /** Of its object file. */
  section?: string | undefined;
  onChange(part: Partial<Choice>): void;
}

export function TargetFields({ places, choice, section, onChange }: TargetFieldsProps) {
  useInterfaceWatch();
  const interfaces = useSession((s) => s.interfaces);
  const { place, ifname, netns, mode, order, name } = choice;
  const info = interfaces.find((each) => interfaceKey(each) === interfaceKey({ ifname, netns }));
  const nameLabel = place === 'udp' ? 'Port' : PLACE_WORDS[place].label;
  const badName = needsName(place) ? wrongName(place, name) : undefined;
  return (
    <>
      {places.length > 1 && (
        <Field name="Where" help={place === 'object' ? `Its section is ${section}.` : PLACE_WORDS[place].detail}>
          <PlatformSelect
            label="Where"
            value={place}
            groups={[{ options: places.map((value) => ({ value, label: PLACE_WORDS[value].label })) }]}
            onChange={(next) => onChange({ place: next })}
          />
        </Field>
      )}
      {places.length === 1 && place === 'object' && (
        <Field name="Where">
          <span className={styles.words}>
            {section === undefined ? 'The object names the place.' : `As its section says: ${section}`}
          </span>
        </Field>
      )}
      {needsInterface(place) && (
        <Field name="Interface">
          <InterfaceSelect label="Interface" ifname={ifname} netns={netns} onChange={onChange} />
        </Field>
      )}
      {place === 'xdp' && (
        <Field name="Mode" help={modeHelp(mode, info)}>
          <Segments
            label="Mode"
            value={mode}
            options={XDP_MODES.map((value) => ({ value, label: MODE_WORDS[value] }))}
            onChange={(next) => onChange({ mode: next })}
          />
        </Field>
      )}
      {place.startsWith('tc-') && (
        <Field name="Order" help="Among the programs that are on this hook already.">
          <Segments label="Order" value={order} options={ORDERS} onChange={(next) => onChange({ order: next })} />
        </Field>
      )}
      {needsName(place) && (
        <Field name={nameLabel} help={badName}>
          <TextField
            label={nameLabel}
            wrong={name !== '' && badName !== undefined}
            value={name}
            onChange={(event) => onChange({ name: event.target.value })}
          />
        </Field>
      )}
    </>
  );
}

function modeHelp(mode: Choice['mode'], info: InterfaceInfo | undefined): string {
  if (mode === 'auto') return 'Native where the driver has it, else generic.';
  if (mode === 'native')
    return info?.xdpNative === 'no' ? 'This driver has no native XDP.' : 'In the driver, before any memory is spent.';
  return mode === 'generic' ? 'In the stack: works on every interface, and is slower.' : 'In the network card itself.';
}

export function Field({ name, help, children }: { name: string; help?: string | undefined; children: ReactNode }) {
  return (
    <div className={styles.field}>
      <span className={styles.name}>{name}</span>
      <div className={styles.control}>{children}</div>
      {help !== undefined && <p className={styles.help}>{help}</p>}
    </div>
  );
}
