/**
 * The workbench as the session and the command line use it: what the root process knows (role `workbench`), read and made readable here, where
 * nothing is privileged. Each part has a file of its own; all share the one process, which is started when something first asks.
 */
import type { InterfaceInfo } from '../../shared/capture.ts';
import type { ErrorData } from '../../shared/errors.ts';
import type { WorkbenchEvent, WorkbenchMethods } from '../../shared/workbench.ts';
import type { PrivilegedAccess } from '../privileged/access.ts';
import type { PrivilegedClient } from '../privileged/privileged-client.ts';
import { KernelTypes } from './kernel-types.ts';
import { Objects } from './objects.ts';

export class Workbench {
  readonly types = new KernelTypes(this);
  readonly #access: PrivilegedAccess;
  #listeners: ((event: WorkbenchEvent) => void)[] = [];
  #goneListeners: ((reason: ErrorData) => void)[] = [];
  #client: PrivilegedClient | undefined;
  readonly objects = new Objects(this);

  constructor(access: PrivilegedAccess) {
    this.#access = access;
  }

  /** Rejects with why there is no workbench: rights refused, pkexec missing…, or with what the kernel said. */
  async request<M extends keyof WorkbenchMethods>(
    method: M,
    params: WorkbenchMethods[M][0],
  ): Promise<WorkbenchMethods[M][1]> {
    const client = await this.#running();
    return client.request(method, params) as Promise<WorkbenchMethods[M][1]>;
  }

  /** Of all network namespaces that root sees. */
  async interfaces(): Promise<InterfaceInfo[]> {
    const client = await this.#running();
    return client.request('interfaces', { netns: '*' });
  }

  /** Of one: undefined = our own. */
  async interfacesIn(netns: string | undefined): Promise<InterfaceInfo[]> {
    const client = await this.#running();
    return client.request('interfaces', netns === undefined ? {} : { netns });
  }

  /** Trace lines, and attachments that were taken away. Returns how to stop listening. */
  onEvent(listener: (event: WorkbenchEvent) => void): () => void {
    this.#listeners.push(listener);
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener);
    };
  }

  /** The root process has ended: its ids of objects and attachments mean nothing any more, and another one counts from 1. */
  onGone(listener: (reason: ErrorData) => void): void {
    this.#goneListeners.push(listener);
  }

  async #running(): Promise<PrivilegedClient> {
    const client = await this.#access.workbench();
    if (client !== this.#client) this.#begin(client);
    return client;
  }

  #begin(client: PrivilegedClient): void {
    this.#client = client;
    client.onWorkbenchEvent((event) => {
      for (const listener of this.#listeners) listener(event);
    });
    client.onGone((reason) => {
      for (const listener of this.#goneListeners) listener(reason);
    });
  }
}
