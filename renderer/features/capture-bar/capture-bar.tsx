/** The bar's one row of controls. While a capture runs they show what runs and cannot be changed. */

import { hookChoiceOf, isActive } from '../../state/capture-control.ts';
import { setPrefs, usePrefs } from '../../state/prefs.ts';
import { useSession } from '../../state/session.ts';
import { Select } from '../../ui/index.ts';
import styles from './capture-bar.module.css';
import { Elapsed } from './elapsed.tsx';
import { FailureStrip } from './failure-strip.tsx';
import { FilterField } from './filter-field.tsx';
import { hookOptions, MODE_OPTIONS, usesXdpMode } from './hooks.ts';
import { InterfacePicker } from './interface-picker.tsx';
import { NoticeStrip } from './notice-strip.tsx';
import { OptionsPopover } from './options-popover.tsx';
import { Outcome } from './outcome.tsx';
import { StartStop } from './start-stop.tsx';
import { TakeDialog } from './take-dialog.tsx';

export function CaptureBar() {
  const prefs = usePrefs();
  const active = useSession((s) => isActive(s.status));
  const targets = useSession((s) => s.status.options?.targets);
  const capabilities = useSession((s) => s.host?.capabilities);
  const hook = active && targets ? hookChoiceOf(targets) : prefs.hook;
  const mode = active && targets ? (targets[0]?.mode ?? 'auto') : prefs.mode;
  return (
    <section className={styles.frame} aria-label="Capture bar">
      <div className={styles.bar}>
        <InterfacePicker locked={active ? targets : undefined} disabled={active} />
        <Select
          label="Hook"
          className={styles.hook}
          value={hook}
          options={hookOptions(capabilities)}
          disabled={active}
          onChange={(next) => setPrefs({ hook: next })}
        />
        <Select
          label="XDP mode"
          className={styles.mode}
          value={mode}
          options={MODE_OPTIONS}
          disabled={active || !usesXdpMode(hook)}
          onChange={(next) => setPrefs({ mode: next })}
        />
        <OptionsPopover disabled={active} />
        <FilterField active={active} />
        <Outcome />
        <StartStop active={active} />
        <Elapsed />
      </div>
      <FailureStrip />
      <NoticeStrip />
      <TakeDialog />
    </section>
  );
}
