/** Which view is in front, and what floats over it. */
import { create } from 'zustand';

export const VIEWS = [
  'start',
  'live',
  'packets',
  'flows',
  'analysis',
  'programs',
  'maps',
  'monitor',
  'workbench',
] as const;
export type View = (typeof VIEWS)[number];

export const useView = create<{ view: View; palette: boolean; options: boolean }>(() => ({
  view: 'start',
  palette: false,
  options: false,
}));

export function showView(view: View): void {
  useView.setState({ view });
}

export function showPalette(palette: boolean): void {
  useView.setState({ palette });
}

export function showOptions(options: boolean): void {
  useView.setState({ options });
}
