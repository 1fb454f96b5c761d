/** The bar's one row of controls. While a capture runs they show what runs and cannot be changed. */

import type { XdpMode } from '../../../electron/shared/capture.ts';
import { hookChoiceOf, isActive } from '../../state/capture-control.ts';
import type { HookChoice } from '../../state/prefs.ts';
import { setPrefs, usePrefs } from '../../state/prefs.ts';
import { useSession } from '../../state/session.ts';
import { Select, type SelectOption } from '../../ui/index.ts';
import styles from './capture-bar.module.css';
import { Elapsed } from './elapsed.tsx';
import { FailureStrip } from './failure-strip.tsx';
import { InterfacePicker } from './interface-picker.tsx';
import { OptionsPopover } from './options-popover.tsx';
import { Outcome } from './outcome.tsx';
import { StartStop } from './start-stop.tsx';

const HOOK_OPTIONS: readonly SelectOption<HookChoice>[] = [
  { value: 'xdp', label: 'XDP', detail: 'Received packets in the driver, before the stack, with verdicts' },
  { value: 'tc-ingress', label: 'tc ingress', detail: 'Received packets as they enter the stack' },
  { value: 'tc-egress', label: 'tc egress', detail: 'Sent packets as they leave the stack' },
  { value: 'tc-both', label: 'tc both', detail: 'Received and sent packets' },
];

const MODE_OPTIONS: readonly SelectOption<XdpMode>[] = [
  { value: 'auto', label: 'Auto', detail: 'Native where the driver has it, else generic' },
  { value: 'native', label: 'Native', detail: 'In the driver: fastest; fails where the driver has no XDP' },
  { value: 'generic', label: 'Generic', detail: 'In the stack: works on every driver' },
];

export function CaptureBar() {
  const prefs = usePrefs();
  const active = useSession((s) => isActive(s.status));
  const targets = useSession((s) => s.status.options?.targets);
  const hook = active && targets ? hookChoiceOf(targets) : prefs.hook;
  const mode = active && targets ? (targets[0]?.mode ?? 'auto') : prefs.mode;
  return (
    <section className={styles.frame} aria-label="Capture bar">
      <div className={styles.bar}>
        <InterfacePicker locked={active ? targets?.[0] : undefined} disabled={active} />
        <Select
          label="Hook"
          className={styles.hook}
          value={hook}
          options={HOOK_OPTIONS}
          disabled={active}
          onChange={(next) => setPrefs({ hook: next })}
        />
        <Select
          label="XDP mode"
          className={styles.mode}
          value={mode}
          options={MODE_OPTIONS}
          disabled={active || hook !== 'xdp'}
          onChange={(next) => setPrefs({ mode: next })}
        />
        <OptionsPopover disabled={active} />
        <StartStop active={active} />
        <Outcome />
        <Elapsed />
      </div>
      <FailureStrip />
    </section>
  );
}
