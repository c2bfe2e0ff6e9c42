import type { PathElement } from './path-element.ts';

/** An address is one object's: those of a pod stand in its status under themselves. */
export const ownKey = (element: PathElement): string | undefined => (element.startsWith(ADDRESS) ? /^k:\{"ip":"([\w.:]*)"\}$/.exec(element)?.[1] : undefined);

/** Whether no other object has the element, so that sets with it are not worth keeping for others: besides addresses, the volume of a pod's token, whose name is drawn. */
export const isOneObjects = (element: PathElement): boolean => element.startsWith(ADDRESS) || element.startsWith(TOKEN_VOLUME);

const ADDRESS = 'k:{"ip"';
const TOKEN_VOLUME = 'k:{"name":"kube-api-access-';
