import type { ObjectReference, PersistentVolumeClaim } from '../../resources/generated/kinds.ts';

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
