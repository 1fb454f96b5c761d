/** A program or a map that another view wants to be shown: views of both name each other's objects. */
import { create } from 'zustand';
import { runCommand } from './commands.ts';

/** Ids of the kernel; 0 = none. */
export const useWantedObject = create<{ program: number; map: number }>(() => ({ program: 0, map: 0 }));

export function showProgram(id: number): void {
  useWantedObject.setState({ program: id });
  runCommand('view.programs');
}

export function showMap(id: number): void {
  useWantedObject.setState({ map: id });
  runCommand('view.maps');
}
