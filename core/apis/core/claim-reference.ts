import type { ObjectReference, PersistentVolumeClaim } from '../../schema/generated/kinds.ts';

/** An annotation of a volume or claim: the other side was put into it by the controller, not by a person, and may be taken out again. */
export const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';

/** An annotation of a claim: its volume knows of it, too. */
export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';

/** How a volume names the claim that it is bound to. */
export const referenceTo = ({ metadata }: PersistentVolumeClaim): ObjectReference => ({
  kind: 'PersistentVolumeClaim',
  apiVersion: 'v1',
  namespace: metadata.namespace!,
  name: metadata.name,
  uid: metadata.uid!,
  resourceVersion: metadata.resourceVersion!,
});

/** A claimRef without a uid reserves the volume for whatever claim comes under that name. */
export const refersTo = ({ namespace, name, uid }: ObjectReference, { metadata }: PersistentVolumeClaim): boolean =>
  namespace === metadata.namespace && name === metadata.name && (!uid || uid === metadata.uid);
