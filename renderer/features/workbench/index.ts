export { AttachDialog } from './attach-dialog.tsx';
export { WorkbenchView } from './workbench-view.tsx';
