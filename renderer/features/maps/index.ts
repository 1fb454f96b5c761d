/** Maps of the kernel: listed, browsed, watched, changed. */
export { MapsView } from './maps-view.tsx';
