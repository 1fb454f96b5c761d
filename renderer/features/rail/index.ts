/** The views, down the left edge, and at its foot what belongs to the window: palette, theme, settings. */
export { Rail } from './rail.tsx';
