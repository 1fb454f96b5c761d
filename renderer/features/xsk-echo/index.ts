export { XskEchoDialog } from './xsk-echo-dialog.tsx';
