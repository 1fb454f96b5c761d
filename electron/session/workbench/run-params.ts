/** Checks of the parameters of `run.*`. */
import { array, type Check, integer, object, oneOf, optional, refuse } from '../../shared/validate.ts';
import type { RunApiMethods } from '../../shared/workbench-api.ts';
import { PACKET_MAX_BYTES } from './run-packet.ts';

/** Of one request: each is run, its maps are read twice and its printed lines waited for. */
const MAX_PACKETS = 100;
/** A request must come to an end while somebody waits for it. */
export const MAX_REPEAT = 10_000_000;

const packetBytes: Check<Uint8Array> = (value, where) => {
  if (!(value instanceof Uint8Array)) refuse(where, 'must be bytes');
  if (value.length > PACKET_MAX_BYTES) refuse(where, `must have at most ${PACKET_MAX_BYTES} bytes`);
  return value;
};

export const RUN_PARAMS: { [M in keyof RunApiMethods]: Check<RunApiMethods[M][0]> } = {
  'run.packets': object({
    programId: integer(1, 0xffffffff),
    packets: optional(array(integer(1, 2 ** 32), 1, MAX_PACKETS)),
    bytes: optional(packetBytes),
    repeat: integer(1, MAX_REPEAT),
    begin: optional(oneOf(['frame', 'network'])),
  }),
};
