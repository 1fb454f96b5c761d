/** "Decode as…" rules and heuristics: the session uses them, the window remembers them and gives them to a session that has none. */
import type { InspectorApi } from '../../electron/shared/api.ts';
import type { DecodeRule, HeuristicName } from '../../electron/shared/decode.ts';
import { setPrefs, usePrefs } from './prefs.ts';

/** Rejects with what is wrong with them; the old ones stay then. */
export async function setDecoding(
  api: InspectorApi,
  rules: readonly DecodeRule[],
  heuristics: readonly HeuristicName[],
): Promise<void> {
  const set = await api.call('decode.set', { rules: [...rules], heuristics: [...heuristics] });
  setPrefs({ decode: set.rules, heuristics: set.heuristics });
}

/** After connecting. Rules for protocols that this version does not have are left out. */
export async function restoreDecoding(api: InspectorApi): Promise<void> {
  const { decode, heuristics } = usePrefs.getState();
  if (decode.length + heuristics.length === 0) return;
  const { rules, heuristics: on, choices } = await api.call('decode.get', {});
  if (rules.length + on.length > 0) return;
  const known = decode.filter(({ table, protocol }) =>
    choices.find((choice) => choice.table === table)?.protocols.some(({ name }) => name === protocol),
  );
  if (known.length + heuristics.length > 0) await api.call('decode.set', { rules: known, heuristics: [...heuristics] });
}
