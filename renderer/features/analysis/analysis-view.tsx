/** The Analysis view: what a whole capture says. Each face is one table or one graph; all of them grow while a capture runs. */
import { ChartNoAxesCombined, Play } from 'lucide-react';
import { type ComponentType, useMemo } from 'react';
import { ANALYSIS_TABS, type AnalysisTab, useAnalysisState } from '../../state/analysis.ts';
import { runCommand } from '../../state/commands.ts';
import { useDisplayFilter } from '../../state/display-filter.ts';
import { useSession } from '../../state/session.ts';
import { Button, EmptyState, Segments, Tabs } from '../../ui/index.ts';
import styles from './analysis.module.css';
import { ConversationsTab, EndpointsTab } from './ends-tabs.tsx';
import { ExpertTab } from './expert-tab.tsx';
import { HierarchyTab } from './hierarchy-tab.tsx';
import { IoTab } from './io-tab.tsx';
import { LengthsTab } from './lengths-tab.tsx';
import { TcpTab } from './tcp-tab.tsx';
import { TimesTab } from './times-tab.tsx';

export interface TabProps {
  /** Display filter; '' = all packets. */
  filter: string;
}

const TABS: Record<AnalysisTab, { label: string; Content: ComponentType<TabProps>; filtered: boolean }> = {
  conversations: { label: 'Conversations', Content: ConversationsTab, filtered: true },
  endpoints: { label: 'Endpoints', Content: EndpointsTab, filtered: true },
  hierarchy: { label: 'Protocols', Content: HierarchyTab, filtered: true },
  io: { label: 'I/O graph', Content: IoTab, filtered: false },
  tcp: { label: 'TCP stream', Content: TcpTab, filtered: false },
  lengths: { label: 'Lengths', Content: LengthsTab, filtered: true },
  times: { label: 'Response times', Content: TimesTab, filtered: true },
  expert: { label: 'Expert', Content: ExpertTab, filtered: true },
};

export function AnalysisView() {
  const stored = useSession((s) => s.status.stored);
  if (stored > 0) return <Faces />;
  return (
    <EmptyState
      icon={<ChartNoAxesCombined aria-hidden />}
      title="Nothing to analyse yet"
      actions={
        <>
          <Button tone="primary" icon={<Play aria-hidden />} onClick={() => runCommand('view.start')}>
            Choose an interface
          </Button>
          <Button onClick={() => runCommand('file.open')}>Open file…</Button>
        </>
      }
    >
      Conversations, protocols, response times, graphs and notes on what went wrong show here, live and for files alike.
    </EmptyState>
  );
}

function Faces() {
  const { tab, scope } = useAnalysisState();
  const applied = useDisplayFilter((s) => s.applied);
  const filter = scope === 'shown' ? applied : '';
  const tabs = useMemo(
    () =>
      ANALYSIS_TABS.map((value) => {
        const { label, Content, filtered } = TABS[value];
        return { value, label, content: <Content filter={filtered ? filter : ''} /> };
      }),
    [filter],
  );
  return (
    <div className={styles.view}>
      <Tabs
        label="Analysis"
        tabs={tabs}
        value={tab}
        onChange={(value) => useAnalysisState.setState({ tab: value as AnalysisTab })}
        end={
          TABS[tab].filtered && (
            <Segments
              label="Which packets"
              value={scope}
              options={[
                { value: 'all', label: 'All packets' },
                { value: 'shown', label: applied === '' ? 'Displayed' : `Displayed: ${shortened(applied)}` },
              ]}
              onChange={(value) => useAnalysisState.setState({ scope: value })}
            />
          )
        }
      />
    </div>
  );
}

const shortened = (text: string) => (text.length > 24 ? `${text.slice(0, 23)}…` : text);
