import { render } from 'preact';
import { askSession } from './api/session.ts';
import { App } from './app.tsx';
import { showTheme } from './theme.ts';

showTheme();
render(<App />, document.getElementById('page')!);
void askSession(location.hash.startsWith('#/signed-out/link') ? 'That link was used already, or is too old.' : undefined);
