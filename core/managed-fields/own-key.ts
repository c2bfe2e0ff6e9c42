import type { PathElement } from './path-element.ts';

/** An address is one object's: those of a pod stand in its status under themselves. */
export const ownKey = (element: PathElement): string | undefined => (element.startsWith(ADDRESS) ? /^k:\{"ip":"([\w.:]*)"\}$/.exec(element)?.[1] : undefined);

const ADDRESS = 'k:{"ip"';
