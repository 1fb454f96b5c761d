// Sets the theme before the first paint; a file of its own because the page's policy forbids inline scripts.
// The same key and values as state/prefs.ts.
(() => {
  let theme = 'system';
  try {
    theme = JSON.parse(localStorage.getItem('xdpeek.prefs') ?? '{}').theme ?? 'system';
  } catch {
    // Storage refused or damaged: the system's theme.
  }
  const dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
