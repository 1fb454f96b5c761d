/** Packets on their way out of the window by drag and drop: the host carries a file, or the drag carries a link that the receiver downloads. */
import type { DragEvent } from 'react';
import type { HostApi } from '../../electron/shared/api.ts';
import type { PacketChoice } from '../../electron/shared/export.ts';
import { exportStem } from './export.ts';
import { notifyError } from './notices.ts';

export function canDragOut(host: HostApi): boolean {
  return host.dragOut !== undefined || host.dragData !== undefined;
}

/** For onDragStart. */
export function dragPackets(event: DragEvent, host: HostApi, packets: PacketChoice, word: string): void {
  const request = { packets, format: 'pcapng', packing: 'none' } as const;
  const name = `${exportStem(word)}.pcapng`;
  if (host.dragOut) {
    // The page's own drag ends here; the host begins one with the file.
    event.preventDefault();
    host.dragOut(request, name).catch(notifyError);
    return;
  }
  event.dataTransfer.effectAllowed = 'copy';
  for (const { type, value } of host.dragData?.(request, name) ?? []) event.dataTransfer.setData(type, value);
}
