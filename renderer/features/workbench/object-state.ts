/** The object file that is open in the workbench, what is chosen of it, and what came of loading it. */
import { create } from 'zustand';
import type { InspectorApi, ObjectFile } from '../../../electron/shared/api.ts';
import { type ErrorData, errorData } from '../../../electron/shared/errors.ts';
import type { LoadOutcome, ObjectDescription } from '../../../electron/shared/workbench-api.ts';
import { wakeDeck } from './deck-state.ts';
import { firstChoices, type LoadChoices, requestOf } from './load-request.ts';

interface ObjectState {
  /** Name of the file that is being read. */
  opening?: string;
  /** Why the last one could not be opened. */
  error?: ErrorData;
  opened?: { description: ObjectDescription; choices: LoadChoices };
  loading: boolean;
  outcome?: LoadOutcome;
}

export const useObject = create<ObjectState>(() => ({ loading: false }));

export async function openObject(api: InspectorApi, { name, bytes }: ObjectFile): Promise<void> {
  useObject.setState({ opening: name });
  try {
    showDescription(await api.call('objects.open', { name, bytes }));
  } catch (error) {
    // What was open before stays.
    const { opening: _, ...rest } = useObject.getState();
    useObject.setState({ ...rest, error: errorData(error) }, true);
  }
}

export function showDescription(description: ObjectDescription): void {
  useObject.setState({ loading: false, opened: { description, choices: firstChoices(description) } }, true);
}

export function choose(part: Partial<LoadChoices>): void {
  useObject.setState(({ opened }) =>
    opened ? { opened: { ...opened, choices: { ...opened.choices, ...part } } } : {},
  );
}

export function closeObject(): void {
  useObject.setState({ loading: false }, true);
}

export function dismissError(): void {
  const { error: _, ...rest } = useObject.getState();
  useObject.setState(rest, true);
}

/** A refusal is an outcome too. */
export async function loadObject(api: InspectorApi): Promise<void> {
  const { opened } = useObject.getState();
  if (!opened) return;
  useObject.setState({ loading: true });
  let outcome: LoadOutcome;
  try {
    outcome = await api.call('objects.load', requestOf(opened.description, opened.choices));
  } catch (error) {
    outcome = { error: errorData(error), logs: [] };
  }
  if (outcome.loaded) wakeDeck();
  // Another file may have been opened meanwhile.
  if (useObject.getState().opened?.description === opened.description) useObject.setState({ loading: false, outcome });
}
