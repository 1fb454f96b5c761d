/**
 * The frame: capture bar, rail, the view in front, status bar, and what floats over them. Features meet only here. A view that was
 * visited stays alive behind the others (React's Activity), so selection and scroll position survive a look elsewhere.
 */
import { Unplug } from 'lucide-react';
import { Activity, type ComponentType, useEffect, useRef } from 'react';
import { BackendContext } from '../api/backend-context.ts';
import { AnalysisView } from '../features/analysis/index.ts';
import { CaptureBar } from '../features/capture-bar/index.ts';
import { ExportDialog, TransferCard } from '../features/export/index.ts';
import { FlowsView } from '../features/flows/index.ts';
import { FollowDialog } from '../features/follow/index.ts';
import { LiveView } from '../features/live/index.ts';
import { MapsView } from '../features/maps/index.ts';
import { MonitorView } from '../features/monitor/index.ts';
import { Notices } from '../features/notices/index.ts';
import { PacketsView } from '../features/packets/index.ts';
import { Palette } from '../features/palette/index.ts';
import { ProgramsView } from '../features/programs/index.ts';
import { Rail } from '../features/rail/index.ts';
import { RunDialog } from '../features/run-packet/index.ts';
import { SettingsButton } from '../features/settings/index.ts';
import { StartView } from '../features/start/index.ts';
import { StatusBar } from '../features/status-bar/index.ts';
import { AttachDialog, WorkbenchView } from '../features/workbench/index.ts';
import { XskEchoDialog } from '../features/xsk-echo/index.ts';
import { useSession } from '../state/session.ts';
import { useView, type View } from '../state/view.ts';
import { Button, EmptyState, sentence, TooltipProvider } from '../ui/index.ts';
import styles from './app.module.css';
import { useAppCommands } from './commands.ts';
import { DropTarget } from './drop-target.tsx';
import { useFirstView } from './first-view.ts';
import { useGlobalKeys } from './keyboard.ts';
import { useLink } from './link.ts';
import { useTheme } from './theme.ts';

/** `keep`: stays alive when another view comes to the front. */
const VIEWS: Record<View, { Content: ComponentType; name: string; keep: boolean }> = {
  start: { Content: StartView, name: 'Start page', keep: false },
  live: { Content: LiveView, name: 'Live', keep: false },
  packets: { Content: PacketsView, name: 'Packets', keep: true },
  flows: { Content: FlowsView, name: 'Flows', keep: true },
  analysis: { Content: AnalysisView, name: 'Analysis', keep: false },
  programs: { Content: ProgramsView, name: 'Programs', keep: true },
  maps: { Content: MapsView, name: 'Maps', keep: true },
  monitor: { Content: MonitorView, name: 'Monitor', keep: true },
  workbench: { Content: WorkbenchView, name: 'Workbench', keep: true },
};

export function App() {
  const { backend, reconnect } = useLink();
  const link = useSession((s) => s.link);
  useTheme(backend?.host);
  useGlobalKeys(backend?.host);
  useAppCommands(backend);
  useFirstView();
  return (
    <TooltipProvider>
      {backend ? (
        <BackendContext value={backend}>
          <div className={styles.frame}>
            <CaptureBar />
            {link === 'closed' && <LinkLost onReconnect={reconnect} />}
            <div className={styles.body}>
              <Rail settings={<SettingsButton />} />
              <Views />
            </div>
            <StatusBar />
          </div>
          <Palette />
          <FollowDialog />
          <RunDialog />
          <XskEchoDialog />
          <ExportDialog />
          <AttachDialog />
          <TransferCard />
          <Notices />
          <DropTarget host={backend.host} />
        </BackendContext>
      ) : (
        link === 'closed' && <NoBackend onReconnect={reconnect} />
      )}
    </TooltipProvider>
  );
}

function Views() {
  const view = useView((s) => s.view);
  const visited = useRef(new Set<View>());
  visited.current.add(view);
  return (
    <main className={styles.main} aria-label={VIEWS[view].name}>
      {(Object.keys(VIEWS) as View[]).map((name) => {
        const { Content, keep } = VIEWS[name];
        if (name === view) return <Pane key={name} Content={Content} mode="visible" />;
        return keep && visited.current.has(name) ? <Pane key={name} Content={Content} mode="hidden" /> : null;
      })}
    </main>
  );
}

function Pane({ Content, mode }: { Content: ComponentType; mode: 'visible' | 'hidden' }) {
  return (
    <Activity mode={mode}>
      <div className={styles.pane}>
        <Content />
      </div>
    </Activity>
  );
}

function LinkLost({ onReconnect }: { onReconnect(): void }) {
  const closed = useSession((s) => s.closed);
  return (
    <div className={styles.lost} role="alert">
      <Unplug aria-hidden />
      <span className={styles.lostWords}>
        <strong>{sentence(closed?.message ?? 'the capture session is gone')}</strong> What you see is what was there
        last. {closed?.hint}
      </span>
      <Button size="sm" tone="danger" onClick={onReconnect}>
        Connect again
      </Button>
    </div>
  );
}

function NoBackend({ onReconnect }: { onReconnect(): void }) {
  const closed = useSession((s) => s.closed);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);
  return (
    <EmptyState
      icon={<Unplug aria-hidden />}
      title={sentence(closed?.message ?? 'the capture session cannot be reached')}
      actions={
        <Button ref={button} tone="primary" onClick={onReconnect}>
          Connect again
        </Button>
      }
    >
      {closed?.hint}
    </EmptyState>
  );
}
