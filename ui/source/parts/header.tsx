import { session, signOut } from '../api/session.ts';
import { clusterName, head, isPast, loading, offset } from '../model/cluster.ts';
import { linkTo, view } from '../route.ts';
import { isDark, toggleTheme } from '../theme.ts';
import { views } from '../views/registry.ts';
import { isHelpOpen } from './keys.ts';
import { search } from './search.ts';

/** Which cluster, as of when, and where one can go. */
export function Header() {
  return (
    <header class="header">
      <a class="brand" href={linkTo({ view: 'now' })} title="The cluster">
        <img src="icon.svg" alt="" width="24" height="24" />
        <span>{clusterName.value}</span>
      </a>
      <Moment />
      <nav aria-label="Views">
        {views.map(({ name, title }) => (
          <a key={name} href={linkTo({ view: name })} aria-current={view.value === name ? 'page' : undefined} ref={view.value === name ? intoView : undefined}>
            {title}
          </a>
        ))}
      </nav>
      <input
        type="search"
        placeholder="Search  /"
        aria-label="Search what is shown"
        value={search.value}
        spellcheck={false}
        onInput={({ currentTarget }) => {
          search.value = currentTarget.value;
        }}
        onKeyDown={({ key, currentTarget }) => {
          if (key !== 'Escape') return;
          search.value = '';
          currentTarget.blur();
        }}
      />
      <div class="tools">
        <button type="button" onClick={toggleTheme} aria-label={isDark() ? 'Light colours' : 'Dark colours'} title="Light or dark (t)">
          {isDark() ? '☀' : '☾'}
        </button>
        <button type="button" onClick={() => (isHelpOpen.value = true)} aria-label="Keys" title="Keys (?)">
          ?
        </button>
        <button type="button" onClick={signOut} title={`Signed in as ${session.value.state === 'in' ? session.value.user : ''}`}>
          Sign out
        </button>
      </div>
    </header>
  );
}

/** Where there is little room, the navigation is wider than what is seen of it. */
const intoView = (link: HTMLElement | null): void => link?.scrollIntoView({ block: 'nearest', inline: 'nearest' });

/** Whether one looks at the cluster as it is, or as it was. */
function Moment() {
  const words = loading.value ? `${loading.value} …` : isPast.value ? `as it was at ${offset.value}` : `live, ${head.value}`;
  return (
    <span class={`moment ${isPast.value ? 'past' : 'live'}`} title="The offset in the log: each change moves it by one">
      <i aria-hidden="true" /> {words}
    </span>
  );
}
