import type { Pod } from '../../schema/generated/kinds.ts';
import { type Index, index } from '../../state/indexes.ts';
import { claimsOf } from './pod-claims.ts';
import { isPodTerminal } from './pod-terminal.ts';

/** The pods that have a node and use a PersistentVolumeClaim there, by `namespace/claim`. */
export const podsByClaim: Index<Pod> = index(['pods'], (_key, pod) =>
  pod.spec?.nodeName && !isPodTerminal(pod) ? claimsOf(pod).map((claim) => `${pod.metadata.namespace}/${claim}`) : [],
);
