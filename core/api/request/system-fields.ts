import type { KubeObject } from '../../kube/object.ts';

/** An object that is to be created without what the server alone says of one (rest.WipeObjectMetaSystemFields). */
export function withoutSystemFields<T extends KubeObject>(object: T): T {
  const metadata = object.metadata ?? {};
  if (!FIELDS.some((field) => field in metadata)) return object;
  const { uid: _u, creationTimestamp: _c, deletionTimestamp: _d, deletionGracePeriodSeconds: _g, selfLink: _s, ...rest } = metadata;
  return { ...object, metadata: rest };
}

const FIELDS = ['uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'selfLink'] as const;
