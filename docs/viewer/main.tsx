import { createRoot } from 'react-dom/client';
import { App } from './ui/app';
import { listenOn } from './ui/listen';

const theme = new URL(location.href).searchParams.get('theme');
if (theme === 'light' || theme === 'dark') document.documentElement.style.colorScheme = theme;

const root = document.getElementById('root');
if (root) createRoot(root).render(<App listen={listenOn(window)} />);
