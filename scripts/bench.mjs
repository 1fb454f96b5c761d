// npm run bench:NAME [-- options]: set up what is missing, then run the benchmark test/bench/NAME/main.ts with these options.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { main, SetupError } from './lib/log.mjs';
import { inRoot, productNode, root } from './lib/paths.mjs';
import { setup } from './lib/setup.mjs';

main(async () => {
  const [name = '', ...options] = process.argv.slice(2);
  const file = inRoot(`test/bench/${name}/main.ts`);
  if (!/^[a-z]+$/.test(name) || !existsSync(file))
    throw new SetupError(`there is no benchmark '${name}'`, 'npm run bench:capture');
  await setup({ test: true });
  const child = spawn(productNode, [file, ...options], { cwd: root, stdio: 'inherit' });
  process.exitCode = await new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)));
});
