/**
 * The session as a process of Electron's: a utilityProcess that receives ports of windows and the app's requests
 * (electron/shared/ipc.ts AppToSession) over its parentPort. Anything else it is sent is ignored.
 */
import type { ClientMessage, ServerMessage } from '../shared/backend-messages.ts';
import { errorData } from '../shared/errors.ts';
import type { AppToSession, SessionToApp } from '../shared/ipc.ts';
import { type EmitterPort, messagePortPipe } from '../shared/pipes/message-port.ts';
import { captureDemo } from './demo-capture.ts';
import { createSession, type Session } from './session.ts';

/** Electron's parentPort, as far as it is used (electron.d.ts, ParentPort). */
interface ParentPort {
  on(event: 'message', listener: (event: { data: AppToSession; ports: EmitterPort[] }) => void): void;
  postMessage(message: SessionToApp): void;
}

declare const XDPEEK_VERSION: string | undefined;
const version = typeof XDPEEK_VERSION === 'string' ? XDPEEK_VERSION : '0.0.0';

function serve(session: Session, parentPort: ParentPort): void {
  const answer = async (id: number, work: Promise<unknown>): Promise<void> => {
    try {
      await work;
      parentPort.postMessage({ type: 'done', id });
    } catch (error) {
      parentPort.postMessage({ type: 'done', id, error: errorData(error) });
    }
  };
  parentPort.on('message', ({ data, ports }) => {
    const [port] = ports;
    switch (data.type) {
      case 'connect':
        if (port) session.connect(messagePortPipe<ClientMessage, ServerMessage>(port));
        return;
      case 'open':
        void answer(data.id, session.openFile(data.paths));
        return;
      case 'open-key-log':
        void answer(data.id, session.openKeyLog(data.path));
        return;
      case 'save':
        void answer(data.id, session.saveCapture(data.path));
        return;
      case 'export':
        void answer(data.id, session.exportPackets(data.request, data.path));
        return;
      case 'cancel-export':
        session.cancelExport();
        return;
      case 'demo':
        session.setDemo(data.running);
        return;
      case 'capture-demo':
        void answer(data.id, captureDemo(session));
        return;
      case 'shutdown':
        void session.close().finally(() => process.exit(0));
        return;
    }
  });
}

const { parentPort } = process as unknown as { parentPort?: ParentPort };
if (parentPort) {
  const session = createSession({ host: 'electron', version, demo: process.argv.includes('--demo') });
  serve(session, parentPort);
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => void session.close().finally(() => process.exit(0)));
} else {
  process.stderr.write('xdpeek session: started by the app, not by hand\n');
  process.exitCode = 2;
}
