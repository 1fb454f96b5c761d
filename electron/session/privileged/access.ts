/**
 * The privileged processes of one session. The observer runs as ourselves and lists interfaces without asking anyone; the
 * capturer may attach, and is the same process when we are capable, else one that pkexec starts when first needed. A
 * process that died is started again at the next request. The workbench is a process of its own, since a role never grows.
 */
import type { HostInfo } from '../../shared/api.ts';
import { type ErrorData, errorData, XdpeekError } from '../../shared/errors.ts';
import type { Layout, PrivilegedRoleName } from '../layout.ts';
import { PrivilegedClient } from './privileged-client.ts';
import { directPlan, isCapable, pkexecPlan, type SpawnPlan } from './spawn-plan.ts';

type Privilege = HostInfo['privilege'];

const STATE_OF: Record<string, Privilege['state']> = {
  AUTH_REFUSED: 'refused',
  AUTH_NO_AGENT: 'missing',
  AUTH_DISMISSED: 'dismissed',
  PKEXEC_MISSING: 'missing',
};

export class PrivilegedAccess {
  readonly #layout: Layout;
  readonly #capable: boolean;
  readonly #onChange: () => void;
  #observer: Promise<PrivilegedClient> | undefined;
  #capturer: Promise<PrivilegedClient> | undefined;
  #workbench: Promise<PrivilegedClient> | undefined;
  #privilege: Privilege;
  #closed = false;

  constructor(layout: Layout, onChange: () => void = () => {}, capable: boolean = isCapable()) {
    this.#layout = layout;
    this.#onChange = onChange;
    this.#capable = capable;
    if (capable) this.#privilege = { state: 'unknown', via: 'direct' };
    else {
      const plan = pkexecPlan(layout, 'capture');
      this.#privilege =
        'via' in plan ? { state: 'needs-auth', via: 'pkexec' } : { state: 'missing', via: 'none', error: plan };
    }
  }

  get privilege(): Privilege {
    return this.#privilege;
  }

  observer(): Promise<PrivilegedClient> {
    if (this.#capable) return this.capturer();
    this.#observer ??= this.#start(directPlan(this.#layout, 'capture'), () => {
      this.#observer = undefined;
    });
    return this.#observer;
  }

  /** Rejects with why it cannot be had: refused, dismissed, no pkexec… */
  async capturer(): Promise<PrivilegedClient> {
    const plan = this.#plan('capture');
    if (!('via' in plan)) throw this.#noted(plan);
    this.#capturer ??= this.#start(plan, () => {
      this.#capturer = undefined;
    });
    try {
      const client = await this.#capturer;
      this.#set({ state: 'ready', via: plan.via });
      return client;
    } catch (error) {
      throw this.#noted(errorData(error));
    }
  }

  /** Rejects as `capturer` does; asking for it is an authorisation of its own. */
  async workbench(): Promise<PrivilegedClient> {
    const plan = this.#plan('workbench');
    if (!('via' in plan)) throw new XdpeekError(plan);
    this.#workbench ??= this.#start(plan, () => {
      this.#workbench = undefined;
    });
    return this.#workbench;
  }

  /** The workbench that runs already, if one does: what only makes sense with it is not worth a password. */
  workbenchIfRunning(): Promise<PrivilegedClient> | undefined {
    return this.#workbench;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const clients = [this.#observer, this.#capturer, this.#workbench].filter((client) => client !== undefined);
    this.#observer = undefined;
    this.#capturer = undefined;
    this.#workbench = undefined;
    await Promise.all(clients.map((client) => client.then((c) => c.close()).catch(() => {})));
  }

  #plan(role: PrivilegedRoleName): SpawnPlan | ErrorData {
    return this.#capable ? directPlan(this.#layout, role) : pkexecPlan(this.#layout, role);
  }

  async #start(plan: SpawnPlan, forget: () => void): Promise<PrivilegedClient> {
    if (this.#closed) throw new XdpeekError({ code: 'CLOSED', message: 'this session is closed' });
    try {
      const client = await PrivilegedClient.start(plan);
      client.onGone(forget);
      return client;
    } catch (error) {
      forget();
      throw error;
    }
  }

  #noted(error: ErrorData): XdpeekError {
    const via = this.#capable ? 'direct' : error.code === 'PKEXEC_MISSING' ? 'none' : 'pkexec';
    this.#set({ state: STATE_OF[error.code] ?? 'failed', via, error });
    return new XdpeekError(error);
  }

  #set(privilege: Privilege): void {
    const changed = JSON.stringify(privilege) !== JSON.stringify(this.#privilege);
    this.#privilege = privilege;
    if (changed) this.#onChange();
  }
}
