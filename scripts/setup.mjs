// npm run setup: the set-up step alone (packages, libbpf, eBPF objects, addon, bundles, window).
import { main, say } from './lib/log.mjs';
import { setup } from './lib/setup.mjs';

await main(async () => {
  await setup({ test: process.argv.includes('--test') });
  say('ready: `npm start`, or `npx xdpeek --help`');
});
