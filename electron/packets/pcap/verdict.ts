/**
 * epb_verdict → index into XDP_VERDICTS. tc programs answer in TC_ACT_* (linux/pkt_cls.h); those that mean the same as an XDP
 * action share its index, so that one column, one colour and one filter serve both hooks.
 */
import { XDP_VERDICTS } from '../../shared/capture.ts';
import { VERDICT_KIND_TC, VERDICT_KIND_XDP } from './options.ts';
import { VERDICT_NONE } from './types.ts';

const DROP = XDP_VERDICTS.indexOf('drop');
const PASS = XDP_VERDICTS.indexOf('pass');
const REDIRECT = XDP_VERDICTS.indexOf('redirect');

/** TC_ACT_UNSPEC -1, OK 0, RECLASSIFY 1, SHOT 2, PIPE 3, STOLEN 4, QUEUED 5, REPEAT 6, REDIRECT 7, TRAP 8. */
function verdictOfTc(action: number): number {
  switch (action) {
    case 2:
      return DROP;
    case 7:
      return REDIRECT;
    case 4:
    case 5:
    case 8:
      return VERDICT_NONE;
    default:
      return PASS;
  }
}

/** @param offset of the 9-byte option value: kind octet, then the verdict as a 64-bit integer. */
export function verdictFromOption(view: DataView, offset: number, littleEndian: boolean): number {
  const kind = view.getUint8(offset);
  const low = view.getInt32(offset + (littleEndian ? 1 : 5), littleEndian);
  if (kind === VERDICT_KIND_XDP) return low >= 0 && low < XDP_VERDICTS.length ? low : VERDICT_NONE;
  return kind === VERDICT_KIND_TC ? verdictOfTc(low) : VERDICT_NONE;
}
