import { TooltipProvider } from '../ui/index.ts';
export function App() {
  return <TooltipProvider>xdpeek</TooltipProvider>;
}
