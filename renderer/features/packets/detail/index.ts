/** One packet: its fields and its bytes. */
export { DetailPane } from './detail-pane.tsx';
