import { untracked } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import type { ResourceName } from '../model/resources.ts';
import { go, linkTo } from '../route.ts';
import { objectRoute } from './object-route.ts';

interface ObjectLinkProps {
  readonly resource: ResourceName;
  readonly of: { readonly namespace?: string | undefined; readonly name: string };
  readonly children: ComponentChildren;
}

/** Leads to an object, as of the moment that is shown when it is followed: hundreds of these are not drawn anew at each step of the slider. */
export function ObjectLink({ resource, of, children }: ObjectLinkProps) {
  const route = objectRoute(resource, of);
  const follow = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(route);
  };
  return (
    <a href={untracked(() => linkTo(route))} onClick={follow}>
      {children}
    </a>
  );
}
