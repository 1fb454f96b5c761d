// The suites of `npm test`, in the order they run. `files` are node:test files; `serial` ones share the kernel and run one at a time.
export const SUITES = [
  { name: 'lint', files: 'test/lint', serial: false },
  { name: 'unit', files: 'test/unit', serial: false },
  { name: 'golden', files: 'test/golden', serial: false },
  { name: 'fuzz', files: 'test/fuzz', serial: false },
  { name: 'netns', files: 'test/netns', serial: true },
  { name: 'vm', files: 'test/vm', serial: true, timeoutMs: 1_000_000 },
  { name: 'e2e', playwright: 'test/e2e/playwright.config.ts' },
];
