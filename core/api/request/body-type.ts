import type { GroupVersionKind } from '../../kube/group-version-kind.ts';
import type { TypeSchema } from '../../schema/schema.ts';
import type { Target } from './target.ts';

/** Which type a body must be of. */
export interface BodyType {
  readonly gvk: GroupVersionKind;
  readonly type: TypeSchema;
}

/** The type that a body must be of to be an object of the target. */
export const bodyType = ({ resource, version }: Target): BodyType => ({
  gvk: { group: resource.group, version: version.version, kind: resource.kind },
  type: version.type,
});
