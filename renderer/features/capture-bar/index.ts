/** The bar at the top: where, how, start and stop, how long, and in red why it ended. */
export { CaptureBar } from './capture-bar.tsx';
