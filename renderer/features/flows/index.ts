/** The flow table. */
export { FlowsView } from './flows-view.tsx';
