/** A column of a Grid. */
import type { ReactNode } from 'react';

export interface GridColumn<Row, Id extends string = string> {
  /** What `onSort` gets. */
  id: Id;
  label: string;
  /** Accessible name where the label is cut short. */
  name?: string;
  /** CSS grid track. */
  track: string;
  align?: 'right';
  mono?: boolean;
  strong?: boolean;
  /** A view narrower than this (px) leaves it out. */
  leavesBelow?: number;
  /** False: its heading does not sort. */
  sorts?: boolean;
  content(row: Row): ReactNode;
}
