/** What Ctrl+C takes where the selection is not text: rows, fields, bytes. */
import type { ClipboardEvent } from 'react';

/**
 * For `onCopy` of what has the focus; the key and the native menu's Copy both end here.
 * @param text what is selected there; undefined = nothing. Text that the pointer has marked goes first.
 */
export function copies(text: () => string | undefined): (event: ClipboardEvent) => void {
  return (event) => {
    const chosen = document.getSelection()?.isCollapsed === false ? undefined : text();
    if (chosen === undefined) return;
    event.clipboardData.setData('text/plain', chosen);
    event.preventDefault();
  };
}
