/** xdpeek-pcap.node, found beside the other built parts and loaded at first use: commands without a filter never need libpcap. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { XdpeekError } from '../../shared/errors.ts';
import { findLayout } from '../layout.ts';

/** native/pcap/index.d.ts. */
export interface PcapAddon {
  compile(text: string, linkType: number, snaplen: number): number[];
  version(): string;
}

let loaded: PcapAddon | undefined;

export function pcapAddon(): PcapAddon {
  if (loaded) return loaded;
  const file = path.join(findLayout().dist, 'native/xdpeek-pcap.node');
  try {
    loaded = createRequire(import.meta.url)(file) as PcapAddon;
    return loaded;
  } catch (error) {
    const { message } = error as Error;
    throw new XdpeekError({
      code: 'ENOENT',
      message: `capture filters cannot be compiled: ${message.split('\n')[0]}`,
      hint: message.includes('libpcap')
        ? 'Install libpcap (Debian: apt-get install libpcap0.8).'
        : 'The installation is incomplete: build or install it again.',
    });
  }
}
