/** The maps of this machine: listed, read, watched and changed. One for a session; the command line makes its own. */
import { XdpeekError } from '../../../shared/errors.ts';
import type { MapDetail, MapEntry, MapRowsQuestion, MapWindow } from '../../../shared/map-api.ts';
import type { MapInfo, UpdateMode } from '../../../shared/workbench.ts';
import type { CValue } from '../../../shared/workbench-api.ts';
import type { Workbench } from '../workbench.ts';
import { isQueue } from './map-kind.ts';
import { MapReading } from './map-reading.ts';
import { MapShape } from './map-shape.ts';
import { MapView } from './map-view.ts';
import { idNamed } from './references.ts';

/** Maps whose entries are kept; one that nobody asks for is let go. */
const MOST_VIEWS = 4;
const FORGOTTEN_MS = 60_000;

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));

export class Maps {
  readonly #workbench: Workbench;
  readonly #views = new Map<number, { view: Promise<MapView>; timer: NodeJS.Timeout }>();

  constructor(workbench: Workbench) {
    this.#workbench = workbench;
  }

  list(): Promise<MapInfo[]> {
    return this.#workbench.request('maps', {});
  }

  async info(id: number): Promise<MapInfo> {
    const found = (await this.list()).find((map) => map.id === id);
    if (!found)
      throw new XdpeekError({
        code: 'ENOENT',
        message: `there is no map ${id}`,
        hint: 'It may be gone: maps go with the last program and process that use them.',
      });
    return found;
  }

  async shape(id: number): Promise<MapShape> {
    return (await this.#view(id)).shape;
  }

  async detail(id: number): Promise<MapDetail> {
    const map = await this.info(id);
    const shape = await MapShape.of(this.#workbench, map);
    const detail = shape.detail();
    if (map.type === 'ringbuf' || map.type === 'user_ringbuf')
      detail.fill = await this.#workbench.request('bufferFill', { id });
    return detail;
  }

  async rows(question: MapRowsQuestion): Promise<MapWindow> {
    const view = await this.#view(question.id);
    if (isQueue(view.shape.map)) return this.#peeked(view, question);
    return view.rows(question);
  }

  async refresh(id: number): Promise<void> {
    if (this.#views.has(id)) (await this.#view(id)).refresh();
  }

  /** A whole reading that begins now. */
  async reading(id: number): ReturnType<MapView['fresh']> {
    const view = await this.#view(id);
    if (!isQueue(view.shape.map)) return view.fresh();
    // Its next entry is all that can be seen.
    const { value } = await this.#workbench.request('mapLookup', { id, key: '' });
    const reading = MapReading.of(view.shape, value === null ? [] : [bytesOf(value)]);
    return { shape: view.shape, reading, names: undefined };
  }

  async lookup(id: number, key: CValue): Promise<MapEntry | null> {
    const view = await this.#view(id);
    const bytes = view.shape.encodeKey(key);
    const { value } = await this.#workbench.request('mapLookup', { id, key: base64(bytes) });
    return value === null ? null : view.entry(view.shape.map.keyBytes > 0 ? bytes : new Uint8Array(), bytesOf(value));
  }

  /** @param netns where the interfaces are that a devmap's value names */
  async set(id: number, key: CValue, value: CValue, mode: UpdateMode, netns?: string): Promise<void> {
    const view = await this.#view(id);
    const { shape } = view;
    const keyBytes = base64(shape.encodeKey(key));
    const before = shape.isSection ? await this.#workbench.request('mapLookup', { id, key: keyBytes }) : undefined;
    const meant =
      shape.refersTo && typeof value === 'string'
        ? await idNamed(this.#workbench, shape.refersTo, value, netns)
        : value;
    const bytes = shape.encodeValue(meant, before?.value ? bytesOf(before.value) : undefined);
    const request = { id, key: keyBytes, value: base64(bytes), mode };
    await this.#workbench.request('mapUpdate', netns === undefined ? request : { ...request, netns });
    view.refresh();
  }

  async delete(id: number, key: CValue): Promise<void> {
    const view = await this.#view(id);
    await this.#workbench.request('mapDelete', { id, key: base64(view.shape.encodeKey(key)) });
    view.refresh();
  }

  async push(id: number, value: CValue): Promise<void> {
    const { shape } = await this.#view(id);
    const { type } = shape.map;
    if (!shape.detail().can.push && type !== 'bloom_filter' && !isQueue(shape.map))
      throw new XdpeekError({
        code: 'EOPNOTSUPP',
        message: `map ${id} (${type}) has no end to push to`,
        hint: 'Set an entry of it by its key.',
      });
    await this.#workbench.request('mapUpdate', { id, key: '', value: base64(shape.encodeValue(value)), mode: 'any' });
  }

  /** null = it is empty. */
  async pop(id: number): Promise<CValue | null> {
    const { shape } = await this.#view(id);
    const { value } = await this.#workbench.request('mapPop', { id });
    return value === null ? null : shape.entry(new Uint8Array(), bytesOf(value)).valueValue;
  }

  /** Queues and stacks have one entry that can be seen: the next. */
  async #peeked({ shape }: MapView, { id, start }: MapRowsQuestion): Promise<MapWindow> {
    const { value } = await this.#workbench.request('mapLookup', { id, key: '' });
    const all = value === null ? [] : [shape.entry(new Uint8Array(), bytesOf(value))];
    const counts = { read: all.length, shown: all.length, complete: true, readMs: Date.now() };
    return { id, start, ...counts, rows: start === 0 ? all : [] };
  }

  #view(id: number): Promise<MapView> {
    const kept = this.#views.get(id);
    if (kept) {
      kept.timer.refresh();
      return kept.view;
    }
    if (this.#views.size >= MOST_VIEWS) this.#forget(this.#views.keys().next().value!);
    const view = this.info(id)
      .then((map) => MapShape.of(this.#workbench, map))
      .then((shape) => new MapView(this.#workbench, shape));
    const timer = setTimeout(() => this.#forget(id), FORGOTTEN_MS).unref();
    this.#views.set(id, { view, timer });
    // What failed is tried again.
    view.catch(() => this.#forget(id));
    return view;
  }

  #forget(id: number): void {
    const kept = this.#views.get(id);
    this.#views.delete(id);
    clearTimeout(kept?.timer);
    void kept?.view.then(
      (view) => view.close(),
      () => {},
    );
  }
}
