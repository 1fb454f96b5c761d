export { ExportDialog } from './export-dialog.tsx';
export { TransferCard } from './transfer-card.tsx';
