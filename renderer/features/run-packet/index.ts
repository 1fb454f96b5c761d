export { RunDialog } from './run-dialog.tsx';
