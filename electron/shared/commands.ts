/**
 * The commands that Electron's native menu offers and sends to the window (HostApi.onCommand). The window gives each id
 * its meaning; labels and accelerators are here so that menu, palette and tooltips say the same. Keys are Wireshark's
 * where it has them.
 */
export interface MenuCommand {
  readonly id: string;
  readonly label: string;
  /** Electron's accelerator syntax; the window shows it too. */
  readonly accelerator?: string;
}

export const MENU_COMMANDS = {
  File: [
    { id: 'file.open', label: 'Open…', accelerator: 'Ctrl+O' },
    { id: 'file.keyLog', label: 'Open TLS Key Log…' },
    { id: 'workbench.open', label: 'Open eBPF Object…', accelerator: 'Ctrl+Shift+O' },
    { id: 'file.save', label: 'Save Capture As…', accelerator: 'Ctrl+S' },
    { id: 'file.export', label: 'Export Packets…', accelerator: 'Ctrl+Shift+E' },
  ],
  Capture: [
    { id: 'capture.toggle', label: 'Start or Stop', accelerator: 'Ctrl+E' },
    { id: 'capture.options', label: 'Options…', accelerator: 'Ctrl+K' },
    { id: 'capture.filter', label: 'Edit Filter', accelerator: 'Ctrl+Shift+K' },
    { id: 'capture.clear', label: 'Clear Packets' },
  ],
  Edit: [
    { id: 'edit.find', label: 'Find Packet…', accelerator: 'Ctrl+F' },
    { id: 'edit.findNext', label: 'Find Next', accelerator: 'Ctrl+N' },
    { id: 'edit.findPrevious', label: 'Find Previous', accelerator: 'Ctrl+B' },
    { id: 'edit.mark', label: 'Mark or Unmark Packet', accelerator: 'Ctrl+M' },
    { id: 'edit.markShown', label: 'Mark All Displayed', accelerator: 'Ctrl+Shift+M' },
    { id: 'edit.unmarkAll', label: 'Unmark All', accelerator: 'Ctrl+Alt+M' },
    { id: 'edit.nextMark', label: 'Next Mark', accelerator: 'Ctrl+Shift+N' },
    { id: 'edit.previousMark', label: 'Previous Mark', accelerator: 'Ctrl+Shift+B' },
    { id: 'edit.reference', label: 'Set or Unset Time Reference', accelerator: 'Ctrl+T' },
    { id: 'edit.comment', label: 'Packet Comment…', accelerator: 'Ctrl+Alt+C' },
  ],
  Go: [
    { id: 'go.packet', label: 'Go to Packet…', accelerator: 'Ctrl+G' },
    { id: 'go.next', label: 'Next Packet', accelerator: 'Ctrl+Down' },
    { id: 'go.previous', label: 'Previous Packet', accelerator: 'Ctrl+Up' },
    { id: 'go.nextInConversation', label: 'Next Packet in Conversation', accelerator: 'Ctrl+.' },
    { id: 'go.previousInConversation', label: 'Previous Packet in Conversation', accelerator: 'Ctrl+,' },
    { id: 'display.filter', label: 'Display Filter', accelerator: 'Ctrl+/' },
  ],
  Analyze: [
    { id: 'analyze.follow', label: 'Follow Stream', accelerator: 'Ctrl+Alt+Shift+T' },
    { id: 'analyze.decodeAs', label: 'Decode As…', accelerator: 'Ctrl+Shift+U' },
    { id: 'analyze.run', label: 'Run Through Program…', accelerator: 'Ctrl+Alt+R' },
    { id: 'workbench.xskEcho', label: 'Answer Pings by AF_XDP…' },
  ],
  View: [
    { id: 'view.start', label: 'Start Page', accelerator: 'Ctrl+0' },
    { id: 'view.live', label: 'Live', accelerator: 'Ctrl+1' },
    { id: 'view.packets', label: 'Packets', accelerator: 'Ctrl+2' },
    { id: 'view.flows', label: 'Flows', accelerator: 'Ctrl+3' },
    { id: 'view.analysis', label: 'Analysis', accelerator: 'Ctrl+4' },
    { id: 'view.programs', label: 'Programs', accelerator: 'Ctrl+5' },
    { id: 'view.maps', label: 'Maps', accelerator: 'Ctrl+6' },
    { id: 'view.monitor', label: 'Monitor', accelerator: 'Ctrl+7' },
    { id: 'view.workbench', label: 'Workbench', accelerator: 'Ctrl+8' },
    { id: 'view.rules', label: 'Colouring Rules…' },
    { id: 'palette.open', label: 'Command Palette…', accelerator: 'Ctrl+Shift+P' },
    { id: 'theme.system', label: 'Theme: System' },
    { id: 'theme.light', label: 'Theme: Light' },
    { id: 'theme.dark', label: 'Theme: Dark' },
  ],
} as const satisfies Record<string, readonly MenuCommand[]>;
