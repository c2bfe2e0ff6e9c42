import { effect } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { at, clusterName } from '../model/cluster.ts';
import { route } from '../route.ts';
import { viewNamed } from '../views/registry.ts';
import { search } from './search.ts';

/** Who goes to another view, or to another object, is taken to its heading, and the window is called after it. A page that is opened has the focus where the browser puts it. */
export function usePlace(main: RefObject<HTMLElement | null>): void {
  const { cluster, view, rest } = route.value;
  const place = [cluster, view, ...(view === 'object' ? rest : [])].join('/');
  const before = useRef(place);
  useEffect(() => {
    if (before.current === place || !main.current) return;
    before.current = place;
    // What was looked for is not what is looked for there.
    search.value = '';
    return toHeading(main.current);
  }, [place]);
  useEffect(
    () =>
      effect(() => {
        document.title = titleOf();
      }),
    [],
  );
}

/** The heading may come later, with what is read for it; who has gone elsewhere by then is left there. */
function toHeading(main: HTMLElement): () => void {
  main.scrollTo(0, 0);
  main.focus({ preventScroll: true });
  const focus = () => {
    const heading = main.querySelector('h1');
    if (!heading || document.activeElement !== main) return heading !== null;
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
    return true;
  };
  const observer = new MutationObserver(() => focus() && observer.disconnect());
  if (!focus()) observer.observe(main, { childList: true, subtree: true });
  return () => observer.disconnect();
}

/** `web · Objects · default@4711 · Logplane` */
function titleOf(): string {
  const { view, rest } = route.value;
  const cluster = `${clusterName.value || 'Logplane'}${at.value === undefined ? '' : `@${at.value}`}`;
  return [...(view === 'object' ? rest.slice(-1) : []), viewNamed(view).title, cluster, 'Logplane'].join(' · ');
}
