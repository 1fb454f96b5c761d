/** The packet list with its details. */
export { PacketsView } from './packets-view.tsx';
