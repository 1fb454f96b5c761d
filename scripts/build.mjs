// node scripts/build.mjs [--force] [libbpf|bpf|addon|bundles|renderer]…   builds what is stale, nothing else.

import { build, STEPS } from './lib/build-steps.mjs';
import { main, SetupError } from './lib/log.mjs';

await main(async () => {
  const args = process.argv.slice(2);
  const names = args.filter((arg) => arg !== '--force');
  const known = STEPS.map((step) => step.name);
  const wrong = names.find((name) => !known.includes(name));
  if (wrong) throw new SetupError(`unknown build step '${wrong}'`, `Steps: ${known.join(', ')}`);
  await build(names, { force: args.includes('--force') });
});
