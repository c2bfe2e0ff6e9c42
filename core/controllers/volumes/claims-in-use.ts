import { claimsOf } from '../../apis/core/pod-claims.ts';
import { isPodTerminal } from '../../apis/core/pod-terminal.ts';
import { type Key, keyOf } from '../../kube/object.ts';
import type { Pod } from '../../schema/generated/kinds.ts';
import type { Change } from '../../state/change.ts';

/** Whether a change may begin or end a pod's use of its claims. */
export const isUseChanged = ({ type, object: pod, previous }: Change<Pod>): boolean =>
  type === 'DELETED' || !previous || isPodTerminal(previous) !== isPodTerminal(pod) || previous.spec !== pod.spec;

export const claimKeysOf = (pod: Pod): Key[] => claimsOf(pod).map((name) => keyOf('persistentvolumeclaims', pod.metadata.namespace, name));
