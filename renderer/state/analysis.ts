/** What the Analysis view shows, and which stream is followed over it. */
import { create } from 'zustand';
import type { FollowKind } from '../../electron/shared/analysis.ts';
import { showView } from './view.ts';

export const ANALYSIS_TABS = [
  'conversations',
  'endpoints',
  'hierarchy',
  'io',
  'tcp',
  'lengths',
  'times',
  'expert',
] as const;
export type AnalysisTab = (typeof ANALYSIS_TABS)[number];

export const useAnalysisState = create<{
  tab: AnalysisTab;
  /** shown: only what the display filter lets through. */
  scope: 'all' | 'shown';
  /** tcp.stream of the stream graph. */
  stream: number;
  followed: { kind: FollowKind; stream: number } | undefined;
}>(() => ({ tab: 'conversations', scope: 'all', stream: 0, followed: undefined }));

export function showAnalysis(tab: AnalysisTab): void {
  useAnalysisState.setState({ tab });
  showView('analysis');
}

export function showTcpGraph(stream: number): void {
  useAnalysisState.setState({ stream });
  showAnalysis('tcp');
}

export function followStream(kind: FollowKind, stream: number): void {
  useAnalysisState.setState({ followed: { kind, stream } });
}

export function endFollowing(): void {
  useAnalysisState.setState({ followed: undefined });
}
