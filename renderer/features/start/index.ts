/** The start page: where to capture, in one click; files; the demo network; and what xdpeek may do here. */
export { StartView } from './start-view.tsx';
