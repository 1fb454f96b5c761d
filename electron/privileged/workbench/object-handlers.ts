/** Objects that people bring: uploaded, loaded, attached, run. What is not pinned goes with this process. */
import type { ProgramAttachment, WorkbenchObject } from '../../../native/index.d.ts';
import { XdpeekError } from '../../shared/errors.ts';
import type { LoadedObject, WorkbenchAttachment, WorkbenchEvent, WorkbenchMethods } from '../../shared/workbench.ts';
import type { Addon } from '../addon.ts';
import { fromBase64, toBase64 } from './bytes.ts';
import type { HandlersOf } from './handlers.ts';
import { Uploads } from './uploads.ts';

type Methods = Pick<
  WorkbenchMethods,
  | 'upload'
  | 'objectLoad'
  | 'codeLoad'
  | 'mapCreate'
  | 'objectClose'
  | 'attach'
  | 'attachments'
  | 'detach'
  | 'detachFrom'
  | 'linkDetach'
  | 'programRun'
>;

const MAX_OBJECTS = 256;
const MAX_ATTACHMENTS = 256;
/** How soon an attachment that was taken away is told. */
const LOOK_MS = 500;

export class ObjectHandlers {
  readonly handlers: HandlersOf<Methods>;
  readonly #addon: Addon;
  readonly #sendEvent: (event: WorkbenchEvent) => void;
  readonly #uploads = new Uploads();
  readonly #objects = new Map<number, WorkbenchObject>();
  readonly #attachments = new Map<number, ProgramAttachment>();
  #nextId = 1;
  #timer: NodeJS.Timeout | undefined;

  constructor(addon: Addon, sendEvent: (event: WorkbenchEvent) => void) {
    this.#addon = addon;
    this.#sendEvent = sendEvent;
    this.handlers = {
      upload: (piece) => {
        this.#uploads.add(piece);
        return null;
      },
      objectLoad: ({ token, variables, ...rest }) =>
        this.#keep({
          ...rest,
          bytes: this.#uploads.take(token),
          variables: variables.map(({ data, ...at }) => ({ ...at, data: fromBase64(data) })),
        }),
      codeLoad: ({ token, ...rest }) => this.#keep({ ...rest, code: this.#uploads.take(token) }),
      mapCreate: (params) => {
        const { objectId, maps } = this.#keep(params);
        return { objectId, id: maps[0]!.id };
      },
      objectClose: ({ objectId }) => {
        const object = this.#objects.get(objectId);
        if (!object) throw new XdpeekError({ code: 'ENOENT', message: `object ${objectId} is not open` });
        this.#objects.delete(objectId);
        object.close();
        return null;
      },
      attach: (request) => this.#attach(request),
      attachments: () => [...this.#attachments].map(([attachmentId, { info }]) => ({ attachmentId, ...info })),
      detach: ({ attachmentId }) => {
        const attachment = this.#attachments.get(attachmentId);
        if (!attachment)
          throw new XdpeekError({ code: 'ENOENT', message: `attachment ${attachmentId} is not one of xdpeek's` });
        this.#forget(attachmentId);
        attachment.close();
        return null;
      },
      detachFrom: ({ target, expectedId }) => {
        addon.detachFrom(target, expectedId);
        return null;
      },
      linkDetach: ({ linkId, expectedProgramId }) => {
        addon.linkDetach(linkId, expectedProgramId);
        return null;
      },
      programRun: async ({ data, ...rest }) => {
        const outcome = await addon.programRun({ ...rest, data: fromBase64(data) });
        return { ...outcome, data: toBase64(outcome.data) };
      },
    };
  }

  end(): void {
    clearInterval(this.#timer);
    for (const attachment of this.#attachments.values()) attachment.close();
    for (const object of this.#objects.values()) object.close();
    this.#attachments.clear();
    this.#objects.clear();
  }

  #keep(options: ConstructorParameters<Addon['WorkbenchObject']>[0]): LoadedObject {
    if (this.#objects.size >= MAX_OBJECTS)
      throw new XdpeekError({ code: 'ENFILE', message: 'too many objects are open', hint: 'Close some first.' });
    const object = new this.#addon.WorkbenchObject(options);
    const objectId = this.#nextId++;
    this.#objects.set(objectId, object);
    return { objectId, programs: object.programs, maps: object.maps, log: object.log };
  }

  #attach(request: WorkbenchMethods['attach'][0]): WorkbenchAttachment {
    if (this.#attachments.size >= MAX_ATTACHMENTS)
      throw new XdpeekError({ code: 'ENFILE', message: 'too many programs are attached', hint: 'Detach some first.' });
    const attachment = new this.#addon.ProgramAttachment(request, [...this.#objects.values()]);
    const attachmentId = this.#nextId++;
    this.#attachments.set(attachmentId, attachment);
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS).unref();
    return { attachmentId, ...attachment.info };
  }

  #look(): void {
    for (const [attachmentId, attachment] of this.#attachments) {
      const reason = attachment.lostBecause();
      if (reason === '') continue;
      this.#forget(attachmentId);
      attachment.close();
      this.#sendEvent({ event: 'attachmentLost', attachmentId, reason });
    }
  }

  #forget(attachmentId: number): void {
    this.#attachments.delete(attachmentId);
    if (this.#attachments.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
