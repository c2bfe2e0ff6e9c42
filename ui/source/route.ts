import { computed, effect, signal, untracked } from '@preact/signals';
import { at, closeCluster, lookAt, offsetOf, openCluster, problem } from './model/cluster.ts';

/** Where one is: `#/default/now`, `#/default@4711/object/apps/v1/deployments/shop/web?tab=yaml`. Behind the #, the URL is the page's own; what stands before it is the host's. */
export interface Route {
  /** '': the default one. */
  readonly cluster: string;
  /** An offset, a time or a bookmark. */
  readonly at: string | undefined;
  readonly view: string;
  /** The parts behind the view. */
  readonly rest: readonly string[];
  readonly query: Readonly<Record<string, string>>;
}

export const DEFAULT_VIEW = 'now';

export function readRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const [where = '', view = '', ...rest] = path.split('/').map(decoded);
  const [cluster = '', when] = where.split('@', 2);
  return {
    cluster,
    at: when || undefined,
    view: view || DEFAULT_VIEW,
    rest: rest.filter((part) => part !== ''),
    query: Object.fromEntries(new URLSearchParams(query)),
  };
}

/** What is no escape is read as it stands: anybody may write into the address bar. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function writeRoute({ cluster, at, view, rest, query }: Route): string {
  const search = new URLSearchParams(query).toString();
  const where = `${cluster}${at === undefined ? '' : `@${at}`}`;
  return `#/${[where, view, ...rest].map(encodePart).join('/')}${search === '' ? '' : `?${search}`}`;
}

/** `@` and `:` stand as they are: people read them. */
const encodePart = (part: string): string => encodeURIComponent(part).replaceAll('%40', '@').replaceAll('%3A', ':');

export const route = signal<Route>(readRoute(location.hash));
addEventListener('hashchange', () => {
  route.value = readRoute(location.hash);
});

/** The URL of another place: what is not named stays as it is, but for what stands behind the view and the query. */
export function linkTo(to: Partial<Route>): string {
  const { cluster, at: when, view } = route.value;
  // The URL is behind the slider, which may have moved on. A time or a bookmark stays what it is called.
  const moment = when !== undefined && !/^\d+$/.test(when) ? when : at.value?.toString();
  return writeRoute({ cluster, at: moment, view, rest: [], query: {}, ...to });
}

export function go(to: Partial<Route>, { replace = false } = {}): void {
  const hash = linkTo(to);
  if (replace) history.replaceState(null, '', hash);
  else history.pushState(null, '', hash);
  route.value = readRoute(hash);
}

export const view = computed(() => route.value.view);

/** Follows the URL: opens its cluster, and looks at it as of its moment. And the URL follows the slider, once that stands still. What is returned ends it, and closes the cluster. */
export function followRoute(defaultCluster: string): () => void {
  const leave = effect(() => {
    const { cluster, at: when, ...rest } = route.value;
    if (cluster === '') return void go({ ...rest, cluster: defaultCluster, at: when }, { replace: true });
    untracked(() => {
      openCluster(cluster);
      if (when === undefined) return lookAt(undefined);
      if (when === String(at.value)) return;
      offsetOf(when).then(lookAt, (error: Error) => {
        problem.value = error.message;
      });
    });
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stay = effect(() => {
    const shown = at.value;
    clearTimeout(timer);
    timer = setTimeout(() => {
      const { at: when } = route.peek();
      const wanted = shown === undefined ? undefined : String(shown);
      if (when !== wanted && (when === undefined || wanted === undefined || /^\d+$/.test(when))) go({ ...route.peek(), at: wanted }, { replace: true });
    }, 300);
  });
  return () => {
    leave();
    stay();
    clearTimeout(timer);
    closeCluster();
  };
}
