/** Keeps <html data-theme> and the host's window frame true to the chosen theme. public/theme.js does the first paint. */
import { useEffect } from 'react';
import type { HostApi } from '../../electron/shared/api.ts';
import { usePrefs } from '../state/prefs.ts';

export function useTheme(host: HostApi | undefined): void {
  const theme = usePrefs((prefs) => prefs.theme);
  useEffect(() => {
    const system = matchMedia('(prefers-color-scheme: dark)');
    const apply = () => {
      const dark = theme === 'dark' || (theme === 'system' && system.matches);
      document.documentElement.dataset.theme = dark ? 'dark' : 'light';
    };
    apply();
    host?.setTheme?.(theme);
    system.addEventListener('change', apply);
    return () => system.removeEventListener('change', apply);
  }, [theme, host]);
}
