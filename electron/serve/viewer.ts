/**
 * Somebody who was given a link for looking on: sees the capture as everybody does, and changes nothing, neither in the kernel nor in what others see. What
 * such a page may ask is listed; what is not does not reach the session.
 */
import type { HostInfo, InspectorMethod } from '../shared/api.ts';
import type { ClientMessage, MessagePipe, ServerMessage } from '../shared/backend-messages.ts';
import type { ErrorData } from '../shared/errors.ts';

const READING: ReadonlySet<string> = new Set<InspectorMethod>([
  'host.info',
  'interfaces.list',
  'capture.status',
  'filter.check',
  'filter.presets',
  'packets.rows',
  'packets.seek',
  'packets.place',
  'packets.sort',
  'packets.unsort',
  'packets.detail',
  'export.plan',
  'display.check',
  'display.fields',
  'decode.get',
  'series.get',
  'flows.rows',
  'stats.get',
  'top.get',
  'analysis.overview',
  'analysis.conversations',
  'analysis.endpoints',
  'analysis.io',
  'analysis.follow',
  'analysis.tcp',
]);

export const ONLY_LOOKING: ErrorData = {
  code: 'EPERM',
  message: 'this link is for looking at the capture only',
  hint: 'Ask whoever runs xdpeek serve for a link of your own.',
};

/** `pipe` with a viewer at its other end. */
export function viewerPipe(pipe: MessagePipe<ClientMessage, ServerMessage>): MessagePipe<ClientMessage, ServerMessage> {
  /** Requests whose answers are about this host. */
  const aboutHost = new Set<number>();
  return {
    onMessage(listener) {
      pipe.onMessage((message: ClientMessage) => {
        const { kind, id, method, topic } = (message ?? {}) as Partial<Record<string, unknown>>;
        if (!Number.isSafeInteger(id)) return;
        const request = id as number;
        if (kind === 'call' && !READING.has(String(method)))
          return pipe.send({ kind: 'error', id: request, error: ONLY_LOOKING });
        if (kind === 'unsubscribe') aboutHost.delete(request);
        if ((kind === 'call' && method === 'host.info') || (kind === 'subscribe' && topic === 'host'))
          aboutHost.add(request);
        listener(message);
      });
    },
    send(message) {
      const told = aboutHost.has(message.id) && message.kind !== 'error' ? forViewer(message) : message;
      if (message.kind !== 'topic') aboutHost.delete(message.id);
      pipe.send(told);
    },
    onClose: (listener) => pipe.onClose(listener),
    close: () => pipe.close(),
    pendingBytes: () => pipe.pendingBytes?.() ?? 0,
  };
}

/** The window offers no more than it may. */
function forViewer(message: Exclude<ServerMessage, { kind: 'error' }>): ServerMessage {
  const privilege: HostInfo['privilege'] = { state: 'refused', via: 'none', error: ONLY_LOOKING };
  return { ...message, value: { ...(message.value as HostInfo), viewer: true, privilege } };
}
