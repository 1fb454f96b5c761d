/**
 * Where menus, drop-downs and tooltips are put. A modal dialog is drawn above everything of the page, and what lies outside of it cannot be reached: what
 * opens inside of one is put into it.
 */
import { createContext, useContext } from 'react';

export const Layer = createContext<HTMLElement | null>(null);

/** null = the page. */
export function useLayer(): HTMLElement | null {
  return useContext(Layer);
}
