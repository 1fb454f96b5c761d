/** Global keys: runs the registered command whose key was pressed, and forwards the native menu's choices. */
import { useEffect } from 'react';
import type { HostApi } from '../../electron/shared/api.ts';
import { matches, runCommand, useCommands } from '../state/commands.ts';

function editable(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  // A modal dialog owns the keyboard.
  if (document.querySelector('dialog[open]')) return;
  for (const command of useCommands.getState().commands.values()) {
    if (!command.keys || !matches(command.keys, event)) continue;
    // Plain keys belong to the field that is being typed in, which may be in a shadow root (the editor).
    if (editable(event.composedPath()[0] ?? null) && !event.ctrlKey && !event.metaKey) continue;
    if (!runCommand(command.id)) continue;
    event.preventDefault();
    return;
  }
}

export function useGlobalKeys(host: HostApi | undefined): void {
  useEffect(() => {
    addEventListener('keydown', onKeyDown);
    const stop = host?.onCommand?.((id) => void runCommand(id));
    return () => {
      removeEventListener('keydown', onKeyDown);
      stop?.();
    };
  }, [host]);
}
