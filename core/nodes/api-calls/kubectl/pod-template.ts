import { type Fields, fieldsOf, isFields } from '../../../kube/fields.ts';
import type { KubeObject } from '../../../kube/object.ts';
import type { PodSpec } from '../../../schema/generated/kinds.ts';
import type { Target } from '../api-client.ts';
import { Failed } from '../outcome.ts';

const PATHS = [['spec', 'jobTemplate', 'spec', 'template', 'spec'], ['spec', 'template', 'spec'], ['spec']] as const;

/** The pod spec of an object that has one, and where it is (kubectl's UpdatePodSpecForObject). */
export function podSpecOf(object: KubeObject, { api, name }: Target): { spec: PodSpec; path: readonly string[] } {
  for (const path of PATHS) {
    const found = path.reduce<unknown>((value, step) => (isFields(value) ? value[step] : undefined), fieldsOf(object));
    if (isFields(found) && Array.isArray((found as Fields)['containers'])) return { spec: found as unknown as PodSpec, path };
  }
  throw new Failed(`error: ${api.resource}/${name} the object is not a pod or does not have a pod template: ${api.kind}`);
}
