// The ground comes first, so that components' own rules win over it.
import './ui/base.css';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';

createRoot(document.getElementById('root')!).render(<App />);
