/** The line at the bottom: what the capture does, what it counted, what each hop lost. */
export { StatusBar } from './status-bar.tsx';
