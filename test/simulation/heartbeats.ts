import { fieldsOf, isFields } from '../../core/kube/fields.ts';
import type { KubeObject } from '../../core/kube/object.ts';

/** An object without what is derived from the time of a read (core/apis/core/heartbeats.ts): of that, the log says nothing. */
export function withoutHeartbeats<T extends KubeObject>(object: T): T {
  const { status, spec } = fieldsOf(object);
  if (object.kind === 'Lease' && isFields(spec)) return { ...object, spec: { ...spec, renewTime: undefined } };
  if (object.kind !== 'Node' || !isFields(status) || !Array.isArray(status['conditions'])) return object;
  const conditions = status['conditions'].map((condition: object) => ({ ...condition, lastHeartbeatTime: undefined }));
  return { ...object, status: { ...status, conditions } };
}
