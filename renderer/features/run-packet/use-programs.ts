/** Programs that packets can be run through: those in the kernel, and those of the library, which are loaded when one is chosen. */
import { useEffect, useRef, useState } from 'react';
import type { InspectorApi } from '../../../electron/shared/api.ts';
import { type ErrorData, errorData, XdpeekError } from '../../../electron/shared/errors.ts';
import { useApi } from '../../api/backend-context.ts';

export interface Choice {
  key: string;
  name: string;
  /** "xdp, id 41", "library". */
  detail: string;
  from: 'kernel' | 'library';
  /** Of the kernel. */
  id?: number;
}

const RUNNABLE = new Set(['xdp', 'sched_cls', 'sched_act', 'socket_filter']);
const LIBRARY_HOOKS = new Set(['xdp', 'tc-ingress', 'tc-egress', 'socket']);

export function usePrograms(): { choices: readonly Choice[] | undefined; error: ErrorData | undefined } {
  const api = useApi();
  const [choices, setChoices] = useState<readonly Choice[]>();
  const [error, setError] = useState<ErrorData>();
  useEffect(() => {
    let over = false;
    listPrograms(api).then(
      (found) => !over && setChoices(found),
      (reason) => !over && setError(errorData(reason)),
    );
    return () => {
      over = true;
    };
  }, [api]);
  return { choices, error };
}

async function listPrograms(api: InspectorApi): Promise<Choice[]> {
  const [library, { programs }] = await Promise.all([api.call('library.list', {}), api.call('programs.list', {})]);
  const inKernel = programs
    .filter(({ type }) => RUNNABLE.has(type))
    .map(
      ({ id, name, type }): Choice => ({
        key: `kernel ${id}`,
        name: name || `program ${id}`,
        detail: `${type}, id ${id}`,
        from: 'kernel',
        id,
      }),
    );
  const ofLibrary = library
    .filter(({ loads, hooks, parameters }) => {
      const asks = parameters.some(({ required }) => required);
      return loads && !asks && hooks.some((hook) => LIBRARY_HOOKS.has(hook));
    })
    .map(({ name, title }): Choice => ({ key: `library ${name}`, name, detail: title, from: 'library' }));
  return [...inKernel, ...ofLibrary];
}

/** A choice → the kernel's id. What is loaded for it goes when the dialog closes. */
export function useLoader(): (choice: Choice) => Promise<number> {
  const api = useApi();
  const loaded = useRef(new Map<string, { objectId: number; id: number }>());
  useEffect(() => {
    const all = loaded.current;
    return () => {
      for (const { objectId } of all.values()) api.call('objects.close', { objectId }).catch(() => {});
      all.clear();
    };
  }, [api]);
  return async ({ id, name }) => {
    if (id !== undefined) return id;
    const before = loaded.current.get(name);
    if (before) return before.id;
    const description = await api.call('library.open', { name, values: {} });
    const tailCalls = description.maps.some(({ type }) => type === 'prog_array');
    const outcome = await api.call('objects.load', {
      token: description.token,
      programs: tailCalls ? [] : [name],
      types: [],
      variables: description.variables.map((variable) => ({ name: variable.name, value: variable.value })),
      mapSizes: [],
      reuse: [],
      logLevel: 0,
    });
    const program = outcome.loaded?.programs.find((each) => each.name === name);
    if (!outcome.loaded || !program)
      throw new XdpeekError(outcome.error ?? { code: 'ENOENT', message: `${name} is not in its object` });
    loaded.current.set(name, { objectId: outcome.loaded.objectId, id: program.id });
    return program.id;
  };
}
