export { MonitorView } from './monitor-view.tsx';
