import type { KubeObject } from '../../kube/object.ts';
import type { FieldMask } from '../query/field-mask.ts';
import type { Target } from './target.ts';

/** What a mask takes of stored objects, as their target serves them. Who owns their fields, which is as long as the rest of them, is found out where the mask takes that. */
export const maskedBy = (mask: FieldMask, { fromStorage, inVersion }: Target): ((object: KubeObject) => object) => {
  const shown = mask.takesManagedFields ? fromStorage : inVersion;
  return (object) => mask.of(shown(object));
};
