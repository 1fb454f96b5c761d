/** The Analysis view. */
export { AnalysisView } from './analysis-view.tsx';
