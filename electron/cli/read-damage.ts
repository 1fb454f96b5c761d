/** What `read` ends with when the file is damaged. */
import type { Damage } from '../packets/pcap/types.ts';
import { XdpeekError } from '../shared/errors.ts';
import { plural } from './output/units.ts';

/** @param printed packets in front of the damage */
export function refuseDamage(name: string, damage: Damage | undefined, printed: number): 0 {
  if (!damage) return 0;
  throw new XdpeekError({
    code: 'EBADMSG',
    message:
      damage.offset === 0
        ? `${name} cannot be read: ${damage.reason}`
        : `${name} is damaged at byte ${damage.offset}: ${damage.reason}`,
    hint:
      printed === 0
        ? 'Check that it is a pcapng or pcap file.'
        : `The ${plural(printed, 'packet')} before it ${printed === 1 ? 'is' : 'are'} good.`,
  });
}
