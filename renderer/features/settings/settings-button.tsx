import { Check, Minus, Settings } from 'lucide-react';
import type { Capabilities } from '../../../electron/shared/capture.ts';
import { THEMES } from '../../../electron/shared/ipc.ts';
import { setPrefs, usePrefs } from '../../state/prefs.ts';
import { useSession } from '../../state/session.ts';
import { IconButton, Popover, Segments } from '../../ui/index.ts';
import styles from './settings-button.module.css';

const THEME_WORDS = { system: 'System', light: 'Light', dark: 'Dark' } as const;

const FEATURES: readonly [keyof Capabilities, string][] = [
  ['privileged', 'may load eBPF programs'],
  ['btf', 'kernel type information (BTF)'],
  ['ringBuffer', 'ring buffer'],
  ['xdpLink', 'XDP links'],
  ['tcx', 'TCX links'],
  ['taiClock', 'TAI clock in programs'],
  ['xdpMultiBuffer', 'XDP multi-buffer'],
];

/** The button stands in the middle of the rail, whose words are not covered. */
const BESIDE_RAIL = 26;

export function SettingsButton() {
  const theme = usePrefs((prefs) => prefs.theme);
  const host = useSession((s) => s.host);
  return (
    <Popover
      label="Settings"
      side="right"
      align="end"
      sideOffset={BESIDE_RAIL}
      className={styles.panel}
      trigger={<IconButton side="right" label="Settings" icon={<Settings aria-hidden />} />}
    >
      <section>
        <h2 className={styles.title}>Theme</h2>
        <Segments
          label="Theme"
          value={theme}
          options={THEMES.map((value) => ({ value, label: THEME_WORDS[value] }))}
          onChange={(next) => setPrefs({ theme: next })}
        />
      </section>
      {host?.capabilities && (
        <section>
          <h2 className={styles.title}>This kernel</h2>
          <ul className={styles.features}>
            {FEATURES.map(([key, words]) => {
              const has = host.capabilities?.[key] === true;
              return (
                <li key={key} data-has={has}>
                  {has ? <Check aria-label="yes:" /> : <Minus aria-label="no:" />}
                  {words}
                </li>
              );
            })}
          </ul>
        </section>
      )}
      <p className={styles.about}>
        {host ? `xdpeek ${host.version} · Linux ${host.kernel} · ${host.hostname}` : 'xdpeek'}
      </p>
    </Popover>
  );
}
