/**
 * One spec set, two hosts: `serve` in Debian's Chromium, and the Electron app through unmodified _electron.launch. Runs as root (it
 * makes namespaces and attaches eBPF), one test at a time: there is one kernel. Says first which Electron runs.
 */
import path from 'node:path';
import { defineConfig } from '@playwright/test';
import { CHROMIUM_ARGS, type HostName } from './lib/hosts.ts';

const output = path.resolve(import.meta.dirname, '../output');

export default defineConfig<{ host: HostName }>({
  testDir: import.meta.dirname,
  outputDir: path.join(output, 'e2e'),
  globalSetup: './lib/setup.ts',
  workers: 1,
  // For a machine much slower than ours: what is there is seen at once, so the wait costs only where something failed.
  timeout: 180_000,
  expect: { timeout: 30_000 },
  forbidOnly: true,
  retries: 0,
  reporter: [['list'], ['json', { outputFile: path.join(output, 'e2e.json') }]],
  use: {
    viewport: { width: 1440, height: 900 },
    launchOptions: { executablePath: '/usr/bin/chromium', args: CHROMIUM_ARGS },
    trace: 'off',
    screenshot: 'off',
  },
  projects: [
    { name: 'serve', testMatch: ['specs/*.spec.ts', 'serve/*.spec.ts'], use: { host: 'serve' } },
    { name: 'electron', testMatch: ['specs/*.spec.ts', 'electron/*.spec.ts'], use: { host: 'electron' } },
  ],
});
