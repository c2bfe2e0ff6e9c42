import { claimsOf } from '../../apis/core/pod-claims.ts';
import { isPodTerminal } from '../../apis/core/pod-terminal.ts';
import { type Key, keyOf } from '../../kube/object.ts';
import type { Pod } from '../../schema/generated/kinds.ts';
import type { Change } from '../../state/change.ts';
import { index } from '../../state/indexes.ts';

/** The pods that use a claim on a node, by `namespace/name` of the claim. */
export const podsByClaim = index(['pods'], (_key, pod) =>
  isPodTerminal(pod) || !pod.spec?.nodeName ? [] : claimsOf(pod).map((name) => `${pod.metadata.namespace}/${name}`),
);

/** Whether a change may begin or end a pod's use of its claims. */
export const isUseChanged = ({ type, object: pod, previous }: Change<Pod>): boolean =>
  type === 'DELETED' || !previous || isPodTerminal(previous) !== isPodTerminal(pod) || previous.spec !== pod.spec;

export const claimKeysOf = (pod: Pod): Key[] => claimsOf(pod).map((name) => keyOf('persistentvolumeclaims', pod.metadata.namespace, name));
