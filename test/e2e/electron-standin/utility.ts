/** utilityProcess: a forked Node whose process.parentPort is made by utility-entry.ts; ports are relayed over its IPC channel. */
import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { fileURLToPath } from 'node:url';
import type Electron from 'electron';
import { PortTable } from './ports.ts';
import { strict } from './strict.ts';

export type ToUtility =
  | { kind: 'message'; data: unknown; ports: number[] }
  | { kind: 'port'; port: number; data: unknown }
  | { kind: 'port-closed'; port: number };
export type FromUtility =
  | { kind: 'message'; data: unknown }
  | { kind: 'port'; port: number; data: unknown }
  | { kind: 'port-closed'; port: number };

const ENTRY = fileURLToPath(new URL('./utility-entry.ts', import.meta.url));

class UtilityProcess extends EventEmitter implements Pick<Electron.UtilityProcess, 'postMessage' | 'kill' | 'pid'> {
  private readonly child: ChildProcess;
  private readonly ports: PortTable;

  constructor(child: ChildProcess) {
    super();
    this.child = child;
    this.ports = new PortTable({
      message: (port, data) => this.tell({ kind: 'port', port, data }),
      closed: (port) => this.tell({ kind: 'port-closed', port }),
    });
    child.on('message', (message: FromUtility) => {
      if (message.kind === 'message') this.emit('message', message.data);
      else if (message.kind === 'port') this.ports.message(message.port, message.data);
      else this.ports.closed(message.port);
    });
    child.once('spawn', () => this.emit('spawn'));
    child.once('exit', (code, signal) => {
      this.ports.closeAll();
      this.emit('exit', code ?? (signal === 'SIGKILL' ? 9 : 15));
    });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  postMessage(message: unknown, transfer: Electron.MessagePortMain[] = []): void {
    this.tell({ kind: 'message', data: message, ports: transfer.map((port) => this.ports.transfer(port)) });
  }

  kill(): boolean {
    return this.child.kill();
  }

  private tell(message: ToUtility): void {
    // A process that just died is reported by its exit event, not here.
    if (this.child.connected) this.child.send(message, () => {});
  }
}

export const utilityProcess = strict('utilityProcess', {
  fork(modulePath: string, args: string[] = [], options: Electron.ForkOptions = {}): Electron.UtilityProcess {
    const { serviceName: _name, stdio = 'inherit', env = process.env, cwd, ...unknown } = options;
    const [more] = Object.keys(unknown);
    if (more !== undefined) throw new Error(`electron stand-in: utilityProcess.fork option ${more} is not there`);
    if (stdio !== 'inherit' && stdio !== 'ignore') throw new Error('electron stand-in: stdio inherit or ignore only');
    const child = fork(ENTRY, [modulePath, ...args], {
      execArgv: [],
      serialization: 'advanced',
      env: env as NodeJS.ProcessEnv,
      ...(cwd === undefined ? {} : { cwd }),
      stdio: ['ignore', stdio, stdio, 'ipc'],
    });
    return strict('UtilityProcess', new UtilityProcess(child)) as unknown as Electron.UtilityProcess;
  },
});
