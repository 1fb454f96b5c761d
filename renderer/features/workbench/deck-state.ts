/**
 * What this xdpeek has loaded and attached, looked at once a second while it is on the screen. Asking may start the privileged process, which may ask
 * for a password: so nothing is asked before something was loaded here, or where no password is needed.
 */
import { useEffect } from 'react';
import { create } from 'zustand';
import type { InspectorApi } from '../../../electron/shared/api.ts';
import { type ErrorData, errorData } from '../../../electron/shared/errors.ts';
import type { MapDetail } from '../../../electron/shared/map-api.ts';
import type { LoadedObject, WorkbenchAttachment } from '../../../electron/shared/workbench.ts';
import type { ProgramRow } from '../../../electron/shared/workbench-api.ts';
import { useApi } from '../../api/backend-context.ts';
import { useSession } from '../../state/session.ts';
import { countsVerdicts, packetsIn, type VerdictCounts, verdictKey } from './verdict-counts.ts';

export interface DeckObject {
  objectId: number;
  name: string;
  loaded: LoadedObject;
}

interface Deck {
  /** Something was done here, so looking costs no question. */
  awake: boolean;
  objects: readonly DeckObject[];
  attachments: readonly WorkbenchAttachment[];
  programs: ReadonlyMap<number, ProgramRow>;
  /** By program id; absent = it counts none. */
  verdicts: ReadonlyMap<number, VerdictCounts>;
  /** Whether the kernel counts runs. */
  statistics: boolean;
  error?: ErrorData;
}

export const useDeckState = create<Deck>(() => ({
  awake: false,
  objects: [],
  attachments: [],
  programs: new Map(),
  verdicts: new Map(),
  statistics: false,
}));

const TICK_MS = 1000;
let look: (() => void) | undefined;

/** Something was loaded, attached or taken away: looks at once. */
export function wakeDeck(): void {
  useDeckState.setState({ awake: true });
  look?.();
}

/** Keeps the deck fresh while the component is mounted. */
export function useDeck(): void {
  const api = useApi();
  const free = useSession((s) => s.host?.privilege.via === 'direct');
  const awake = useDeckState((s) => s.awake) || free;
  useEffect(() => {
    if (!awake) return;
    let over = false;
    let waiting = false;
    let again = false;
    const details = new Map<number, Promise<MapDetail>>();
    let timer: ReturnType<typeof setInterval> | undefined;
    const tick = async () => {
      again = waiting;
      if (waiting) return;
      waiting = true;
      const next = await glance(api, details).catch((error: unknown) => ({ error: errorData(error) }));
      waiting = false;
      if (over) return;
      const { error: _, ...before } = useDeckState.getState();
      useDeckState.setState({ ...before, ...next }, true);
      // A refused password is not asked for again every second.
      if ('error' in next) clearInterval(timer);
      else if (again) void tick();
    };
    look = () => {
      clearInterval(timer);
      timer = setInterval(() => void tick(), TICK_MS);
      void tick();
    };
    look();
    return () => {
      over = true;
      look = undefined;
      clearInterval(timer);
    };
  }, [api, awake]);
}

async function glance(api: InspectorApi, details: Map<number, Promise<MapDetail>>): Promise<Partial<Deck>> {
  const [objects, attachments] = await Promise.all([api.call('objects.list', {}), api.call('attachments.list', {})]);
  if (attachments.length === 0) return { objects, attachments, programs: new Map(), verdicts: new Map() };
  const { programs, statistics } = await api.call('programs.list', {});
  const shown = new Set(attachments.map(({ programId }) => programId));
  const mine = programs.filter(({ id }) => shown.has(id));
  const verdicts = new Map<number, VerdictCounts>();
  await Promise.all(
    mine.map(async ({ id, mapIds }) => {
      const counts = await verdictsOf(api, mapIds, details);
      if (counts) verdicts.set(id, counts);
    }),
  );
  return {
    objects,
    attachments,
    programs: new Map(mine.map((program) => [program.id, program])),
    verdicts,
    statistics,
  };
}

/** Undefined = none of these maps counts verdicts. A map that is gone counts nothing. */
async function verdictsOf(
  api: InspectorApi,
  mapIds: readonly number[],
  details: Map<number, Promise<MapDetail>>,
): Promise<VerdictCounts | undefined> {
  for (const id of mapIds) {
    let detail = details.get(id);
    if (!detail) {
      detail = api.call('maps.detail', { id });
      details.set(id, detail);
      detail.catch(() => details.delete(id));
    }
    const known = await detail.catch(() => undefined);
    if (!known || !countsVerdicts(known)) continue;
    const entries = await Promise.all(
      [0, 1, 2, 3, 4].map((action) =>
        api.call('maps.lookup', { id, key: verdictKey(known, action) }).catch(() => ({ entry: null })),
      ),
    );
    return entries.map(({ entry }) => (entry ? packetsIn(entry, known.valueType) : 0)) as unknown as VerdictCounts;
  }
  return undefined;
}
