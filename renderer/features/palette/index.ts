/** Every action by name (Ctrl+Shift+P). */
export { Palette } from './palette.tsx';
