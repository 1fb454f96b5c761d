/**
 * Every action of the window by id: one place that the keyboard, the palette, native menus, buttons and tooltips read. Labels and
 * keys of the actions that the native menu offers come from electron/shared/commands.ts; views register theirs while mounted.
 */
import { useEffect, useRef } from 'react';
import { create } from 'zustand';
import { MENU_COMMANDS, type MenuCommand } from '../../electron/shared/commands.ts';

export interface Command {
  id: string;
  label: string;
  section: string;
  /** "Ctrl+Shift+P", "F5"; shown as is and matched by `matches`. */
  keys?: string | undefined;
  /** Absent = always. */
  enabled?: (() => boolean) | undefined;
  run(): void;
}

const MENU = new Map<string, MenuCommand & { section: string }>(
  Object.entries(MENU_COMMANDS).flatMap(([section, list]) =>
    (list as readonly MenuCommand[]).map((command) => [command.id, { ...command, section }] as const),
  ),
);

export const useCommands = create<{ commands: ReadonlyMap<string, Command> }>(() => ({ commands: new Map() }));

/** Label, section and keys default to the native menu's. Returns the undo. A later registration of an id wins. */
export function registerCommand(command: Pick<Command, 'id' | 'run'> & Partial<Command>): () => void {
  const menu = MENU.get(command.id);
  const full: Command = {
    ...command,
    label: command.label ?? menu?.label ?? command.id,
    section: command.section ?? menu?.section ?? 'Other',
    keys: command.keys ?? menu?.accelerator,
  };
  registered.push(full);
  publish();
  return () => {
    registered.splice(registered.indexOf(full), 1);
    publish();
  };
}

/** In order of registration; of one id the last counts, and the one before it again when that is gone. */
const registered: Command[] = [];

function publish(): void {
  useCommands.setState({ commands: new Map(registered.map((command) => [command.id, command])) });
}

/** Registers while the component is mounted; `run` and `enabled` may be fresh closures at every render. */
export function useCommand(command: Pick<Command, 'id' | 'run'> & Partial<Command>): void {
  const latest = useRef(command);
  latest.current = command;
  const { id, label, section, keys } = command;
  useEffect(
    () =>
      registerCommand({
        id,
        ...(label !== undefined && { label }),
        ...(section !== undefined && { section }),
        ...(keys !== undefined && { keys }),
        enabled: () => latest.current.enabled?.() ?? true,
        run: () => latest.current.run(),
      }),
    [id, label, section, keys],
  );
}

/** The key of an action, for tooltips and menus; also before anything registered it. */
export function keysOf(id: string): string | undefined {
  return useCommands.getState().commands.get(id)?.keys ?? MENU.get(id)?.accelerator;
}

/** Runs an action if it exists and is enabled; says whether it did. */
export function runCommand(id: string): boolean {
  const command = useCommands.getState().commands.get(id);
  if (!command || command.enabled?.() === false) return false;
  command.run();
  return true;
}

/** Whether a key event is "Ctrl+Shift+P". Letters by what they type, so that layouts keep their keys; arrows as menus call them ("Down"). */
export function matches(keys: string, event: KeyboardEvent): boolean {
  const parts = keys.split('+');
  const key = parts.pop()!.toLowerCase();
  const wants = (name: string) => parts.includes(name);
  return (
    event.key.toLowerCase().replace(/^arrow/, '') === key &&
    (event.ctrlKey || event.metaKey) === wants('Ctrl') &&
    event.altKey === wants('Alt') &&
    (event.shiftKey === wants('Shift') || !/^[a-z0-9]$|^f\d+$|^[a-z]{2,}$/.test(key))
  );
}
