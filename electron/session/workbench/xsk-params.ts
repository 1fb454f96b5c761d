/** Checks of the parameters of `xsk.*`. */
import { XDP_MODES } from '../../shared/capture.ts';
import { type Check, interfaceName, netnsName, object, oneOf, optional } from '../../shared/validate.ts';
import { XSK_TAKES } from '../../shared/workbench.ts';
import type { XskApiMethods } from '../../shared/workbench-api.ts';

export const XSK_PARAMS: { [M in keyof XskApiMethods]: Check<XskApiMethods[M][0]> } = {
  'xsk.echo.start': object({
    ifname: interfaceName,
    netns: optional(netnsName),
    mode: oneOf(XDP_MODES),
    zeroCopy: oneOf(['auto', 'yes', 'no']),
    threads: oneOf(['one', 'each']),
    takes: optional(oneOf(XSK_TAKES)),
  }),
  'xsk.echo.get': object({}),
  'xsk.echo.stop': object({}),
};
