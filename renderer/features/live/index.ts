/** Live: what the wire does now and did in the last minutes, by verdict and by protocol, and who is behind it. */
export { LiveView } from './live-view.tsx';
