import type { User } from '../kube/user.ts';

/** The group of every kubelet. */
const NODES = 'system:nodes';

const PREFIX = 'system:node:';

/** The node as which a user acts, '' when its name says none; undefined: the user is no node (pkg/auth/nodeidentifier). */
export const nodeNameOf = ({ username, groups }: User): string | undefined =>
  username.startsWith(PREFIX) && groups.includes(NODES) ? username.slice(PREFIX.length) : undefined;
