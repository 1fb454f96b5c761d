/** What is captured of the demo network when xdpeek is started with `--demo`: what its interface's card would start. */
import type { CaptureStatus, InterfaceInfo } from '../shared/capture.ts';
import type { Session } from './session.ts';

type Place = Pick<InterfaceInfo, 'ifname'> & { netns?: string | undefined };

const isDemo = ({ up, loopback, netns }: InterfaceInfo): boolean =>
  up && !loopback && netns?.startsWith('xdpeek-demo') === true;

/** On `place`, or on the first demo network that there is; not while something else is shown. A refusal shows in the status too. */
export async function captureDemo(session: Session, place?: Place): Promise<CaptureStatus> {
  const found = place ?? ((await session.call('interfaces.list', {})) as InterfaceInfo[]).find(isDemo);
  if (!found || session.status().state !== 'idle') return session.status();
  const { ifname, netns } = found;
  return session.startCapture({ targets: [{ ifname, ...(netns && { netns }), hook: 'xdp' }] });
}
