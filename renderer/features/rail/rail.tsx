import {
  Activity,
  ArrowLeftRight,
  ChartNoAxesCombined,
  Cpu,
  Database,
  FileCog,
  House,
  type LucideIcon,
  Monitor,
  Moon,
  Radar,
  Rows3,
  Search,
  Sun,
} from 'lucide-react';
import type { KeyboardEvent, ReactNode } from 'react';
import { THEMES } from '../../../electron/shared/ipc.ts';
import { keysOf, runCommand } from '../../state/commands.ts';
import { setPrefs, usePrefs } from '../../state/prefs.ts';
import { showView, useView, type View } from '../../state/view.ts';
import { IconButton, Tooltip } from '../../ui/index.ts';
import styles from './rail.module.css';

const ITEMS: readonly { view: View; label: string; icon: LucideIcon }[] = [
  { view: 'start', label: 'Home', icon: House },
  { view: 'live', label: 'Live', icon: Activity },
  { view: 'packets', label: 'Packets', icon: Rows3 },
  { view: 'flows', label: 'Flows', icon: ArrowLeftRight },
  { view: 'analysis', label: 'Analysis', icon: ChartNoAxesCombined },
  { view: 'programs', label: 'Programs', icon: Cpu },
  { view: 'maps', label: 'Maps', icon: Database },
  { view: 'monitor', label: 'Monitor', icon: Radar },
  { view: 'workbench', label: 'Workbench', icon: FileCog },
];

const THEME_ICONS = { system: Monitor, light: Sun, dark: Moon } as const;

/** `settings`: the button that opens the settings panel; another feature's, so the frame passes it in. */
export function Rail({ settings }: { settings: ReactNode }) {
  const current = useView((s) => s.view);
  const theme = usePrefs((prefs) => prefs.theme);
  const ThemeIcon = THEME_ICONS[theme];
  const nextTheme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]!;
  return (
    <nav className={styles.rail} aria-label="Views">
      <div className={styles.views}>
        {ITEMS.map(({ view, label, icon: Icon }) => (
          <Tooltip key={view} label={label} keys={keysOf(`view.${view}`)} side="right">
            <button
              type="button"
              className={styles.item}
              aria-current={current === view ? 'page' : undefined}
              onClick={() => showView(view)}
              onKeyDown={moveFocus}
            >
              <Icon aria-hidden />
              {label}
            </button>
          </Tooltip>
        ))}
      </div>
      <div className={styles.foot}>
        <IconButton
          side="right"
          label="Every action"
          keys={keysOf('palette.open')}
          icon={<Search aria-hidden />}
          onClick={() => runCommand('palette.open')}
        />
        <IconButton
          side="right"
          label={`Theme: ${theme}. Switch to ${nextTheme}`}
          icon={<ThemeIcon aria-hidden />}
          onClick={() => setPrefs({ theme: nextTheme })}
        />
        {settings}
      </div>
    </nav>
  );
}

/** Up and down move between the views, beside Tab. */
function moveFocus(event: KeyboardEvent<HTMLButtonElement>): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (step === 0) return;
  const buttons = [...(event.currentTarget.parentElement?.querySelectorAll('button') ?? [])];
  const at = buttons.indexOf(event.currentTarget);
  buttons[(at + step + buttons.length) % buttons.length]?.focus();
  event.preventDefault();
}
