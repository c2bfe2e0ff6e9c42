import { effect, untracked } from '@preact/signals';
import { render } from 'preact';
import { askSession, session } from './api/session.ts';
import { App } from './app.tsx';
import { followRoute } from './route.ts';
import { showTheme } from './theme.ts';

showTheme();
void askSession(location.hash.startsWith('#/signed-out/link') ? 'That link was used already, or is too old.' : undefined);
// Who is signed in is shown the cluster, which is asked for before anything is drawn.
effect(() => {
  if (session.value.state !== 'in') return;
  const { cluster } = session.value;
  return untracked(() => followRoute(cluster));
});
render(<App />, document.getElementById('page')!);
