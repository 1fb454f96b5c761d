/** Messages with no control of their own to sit at. */
export { Notices } from './notices.tsx';
