/**
 * What reaches the workbench from elsewhere: the face in front, an object file that was opened or dropped, and the program that is to be
 * attached (any view may ask for that; the dialog floats over all of them).
 */
import { create } from 'zustand';
import type { ObjectFile } from '../../electron/shared/api.ts';
import { showView } from './view.ts';

export const WORKBENCH_FACES = ['object', 'write', 'library'] as const;
export type WorkbenchFace = (typeof WORKBENCH_FACES)[number];

/** A program of the kernel that can be attached. */
export interface Attachable {
  id: number;
  name: string;
  /** libbpf's name. */
  type: string;
  /** Of its object file, where it came from one. */
  section?: string;
}

export const useWorkbench = create<{ face: WorkbenchFace; offered?: ObjectFile; attaching?: Attachable }>(() => ({
  face: 'object',
}));

export function showFace(face: WorkbenchFace): void {
  useWorkbench.setState({ face });
}

/** Brings the workbench to the front with this file. */
export function offerObject(offered: ObjectFile): void {
  useWorkbench.setState({ face: 'object', offered });
  showView('workbench');
}

export function askAttach(attaching: Attachable): void {
  useWorkbench.setState({ attaching });
}

export function closeAttach(): void {
  const { attaching: _, ...rest } = useWorkbench.getState();
  useWorkbench.setState(rest, true);
}
