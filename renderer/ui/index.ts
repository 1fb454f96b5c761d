/** The window's primitives. Features import from here; nothing here knows a feature, the API or the state. */
export * from './button.tsx';
export * from './cx.ts';
export * from './dialog.tsx';
export * from './empty-state.tsx';
export * from './format.ts';
export * from './grid.tsx';
export * from './grid-column.ts';
export * from './kbd.tsx';
export * from './menu.tsx';
export * from './panes.tsx';
export * from './popover.tsx';
export * from './select.tsx';
export * from './sparkline.tsx';
export * from './tabs.tsx';
export * from './ticker.tsx';
export * from './tooltip.tsx';
export * from './verdict-mark.tsx';
