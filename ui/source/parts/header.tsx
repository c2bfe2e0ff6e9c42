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
        placeholder="Search"
        title="Search what is shown (/)"
        aria-label="Search what is shown"
        value={search.value}
        spellcheck={false}
        onInput={({ currentTarget }) => {
          search.value = currentTarget.value;
        }}
        onKeyDown={({ key }) => {
          if (key !== 'Escape') return;
          search.value = '';
          document.getElementById('main')?.focus();
        }}
      />
      <div class="tools">
        <button type="button" onClick={toggleTheme} aria-label={isDark.value ? 'Light colours' : 'Dark colours'} title="Light or dark (t)">
          {isDark.value ? '☀' : '☾'}
        </button>
        <button type="button" onClick={() => (isHelpOpen.value = true)} aria-label="Help" title="Help (?)">
          ?
        </button>
        <button type="button" class="wide" onClick={signOut} title={`Signed in as ${session.value.state === 'in' ? session.value.user : ''}`}>
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
  return (
    <span class={`moment ${isPast.value ? 'past' : 'live'}`} title="The offset in the log: each change moves it by one">
      <i aria-hidden="true" /> <Words />
    </span>
  );
}

function Words() {
  if (loading.value) return <>{loading.value} …</>;
  return isPast.value ? (
    <>
      <span class="wide">as it was </span>at {offset.value}
    </>
  ) : (
    <>live, {head.value}</>
  );
}
