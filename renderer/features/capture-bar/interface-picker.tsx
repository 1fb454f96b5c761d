/** The interface and its namespace: a searchable list grouped by namespace, with state, driver, address and the last minute's rate. */
import { ChevronDown } from 'lucide-react';
import { useState } from 'react';
import type { CaptureTarget, InterfaceInfo } from '../../../electron/shared/capture.ts';
import { choose, chosenPlaces } from '../../state/capture-control.ts';
import { usePrefs } from '../../state/prefs.ts';
import { useSession } from '../../state/session.ts';
import { Popover, Tooltip } from '../../ui/index.ts';
import { InterfaceList } from './interface-list.tsx';
import styles from './interface-picker.module.css';

export interface InterfacePickerProps {
  /** What the running capture is on. */
  locked: readonly CaptureTarget[] | undefined;
  disabled: boolean;
}

export function InterfacePicker({ locked, disabled }: InterfacePickerProps) {
  const [open, setOpen] = useState(false);
  const places = chosenPlaces(usePrefs());
  // Both directions of one interface are two targets.
  const all = new Set((locked ?? places).map((place) => `${place.netns ?? ''}/${place.ifname}`));
  const { ifname = '', netns = '' } = (locked ?? places)[0] ?? {};
  const more = all.size - 1;
  const info = useSession((s) => s.interfaces.find((i) => i.ifname === ifname && (i.netns ?? '') === netns));
  const take = (next: InterfaceInfo) => {
    choose(next);
    setOpen(false);
  };
  return (
    <Popover
      label="Interfaces"
      open={open}
      onOpenChange={setOpen}
      className={styles.panel}
      trigger={
        <button
          type="button"
          className={styles.trigger}
          disabled={disabled}
          aria-label={
            ifname
              ? `Interface: ${ifname}${netns ? ` in namespace ${netns}` : ''}${more > 0 ? ` and ${more} more` : ''}`
              : 'Choose an interface'
          }
        >
          <StateDot info={info} running={locked !== undefined} />
          <span className={styles.name}>{ifname || 'Choose an interface'}</span>
          {netns && <span className={styles.netns}>{netns}</span>}
          {more > 0 && (
            <Tooltip label={[...all].map((key) => key.replace(/^\//, '')).join(', ')}>
              <span className={styles.more}>+{more}</span>
            </Tooltip>
          )}
          <ChevronDown className={styles.chevron} aria-hidden />
        </button>
      }
    >
      <InterfaceList onChoose={take} />
    </Popover>
  );
}

/** Up and running ●, up without carrier ◐, down ○. */
export function StateDot({ info, running = false }: { info: InterfaceInfo | undefined; running?: boolean }) {
  // What a capture runs on is up, also before a list of interfaces was asked for.
  const state = !info ? (running ? 'up' : 'unknown') : !info.up ? 'down' : info.running ? 'up' : 'no-carrier';
  const words = { up: 'up', 'no-carrier': 'up, no carrier', down: 'down', unknown: 'state unknown' }[state];
  return (
    <Tooltip label={words}>
      <span className={styles.dot} data-state={state} role="img" aria-label={words} />
    </Tooltip>
  );
}
