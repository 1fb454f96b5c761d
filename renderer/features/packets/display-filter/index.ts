export { DisplayFilterBar } from './display-filter-bar.tsx';
