import { apiVersionOf, type GroupVersionKind } from '../../kube/group-version-kind.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { AdmissionReview } from '../plugin.ts';
import { connectOptions } from './connect-options.ts';

/** The objects of a request as the kind that it was matched as (admission.VersionedAttributes). */
export interface Shown {
  readonly object: KubeObject | undefined;
  readonly old: KubeObject | undefined;
}

/** undefined: a webhook that has to convert them has been asked, and has not answered yet. Throws what goes wrong in it. */
export function shownAs(kind: GroupVersionKind, review: Pick<AdmissionReview, 'operation' | 'options' | 'object' | 'old' | 'inVersion'>): Shown | undefined {
  const { operation, object, old, inVersion } = review;
  if (operation === 'CONNECT') return { object: connectOptions(kind, review), old: undefined };
  const apiVersion = apiVersionOf(kind);
  const [is, was] = [object, old].map((one) => one && (one.apiVersion === apiVersion ? one : inVersion(one, apiVersion)));
  return (object && !is) || (old && !was) ? undefined : { object: is, old: was };
}
