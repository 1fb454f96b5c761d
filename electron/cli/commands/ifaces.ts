/** `xdpeek ifaces`: what there is to watch, and what is attached where. Asks nobody for a password. */
import { findLayout } from '../../session/layout.ts';
import { PrivilegedAccess } from '../../session/privileged/access.ts';
import type { AttachedProgram, InterfaceInfo } from '../../shared/capture.ts';
import { netnsName } from '../../shared/validate.ts';
import type { Invocation } from '../options/spec.ts';
import { jsonLine } from '../output/json-line.ts';
import { textTable } from '../output/table.ts';
import type { Context } from '../start.ts';
import type { ifaces } from '../table.ts';

export async function run({ options }: Invocation<typeof ifaces>, { out }: Context): Promise<number> {
  const netns = options.netns === undefined ? '*' : netnsName(options.netns, '--netns');
  const access = new PrivilegedAccess(findLayout());
  try {
    const observer = await access.observer();
    const found = await observer.request('interfaces', { netns });
    await out.write(options.json ? found.map(jsonLine).join('') : interfaceTable(found));
  } finally {
    await access.close();
  }
  return 0;
}

const COLUMNS = [
  { title: 'INTERFACE' },
  { title: 'NETNS' },
  { title: 'STATE' },
  { title: 'MTU', right: true },
  { title: 'DRIVER' },
  { title: 'NATIVE XDP' },
  { title: 'ADDRESSES' },
  { title: 'ATTACHED' },
];

function interfaceTable(interfaces: readonly InterfaceInfo[]): string {
  return textTable(
    COLUMNS,
    interfaces.map((info) => [
      info.ifname,
      info.netns ?? '',
      info.up ? (info.running ? 'up' : 'no carrier') : 'down',
      String(info.mtu),
      info.driver ?? info.kind ?? '',
      info.xdpNative,
      info.addresses.join(' '),
      info.attached.map(program).join(', '),
    ]),
  );
}

function program({ hook, mode, programId, name, ours }: AttachedProgram): string {
  const named = name ? ` ${name}` : '';
  return `${hook}${mode ? ` ${mode}` : ''}: ${programId}${named}${ours ? ' (xdpeek)' : ''}`;
}
