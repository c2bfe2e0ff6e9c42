import type { ApiResource } from '../apis/api-resource.ts';
import type { ClusterInstant } from '../instant.ts';
import type { KubeObject } from '../kube/object.ts';
import type { User } from '../kube/user.ts';
import type { State } from '../state/state.ts';

/**
 * Admission: what looks at a write after it was authorized and decoded, and may change it or refuse it (API access control, "Admission
 * controllers"). What a kind itself demands is in its strategy; here stands what an administrator can switch or configure: policies,
 * webhooks, quotas, security levels. The plugins run in the order of the list, first all that change, later all that only judge.
 */
export interface Admission {
  readonly plugins: readonly AdmissionPlugin[];
}

export interface AdmissionPlugin {
  /** `PodSecurity`, `ResourceQuota`, … as in `kube-apiserver --enable-admission-plugins`. */
  readonly name: string;
  /** The object changed, or as it is. Before defaults and validation. Throws the Status that refuses the write. */
  admit?(review: AdmissionReview & { readonly object: KubeObject }): KubeObject;
  /** Throws the Status that refuses the write. After validation: `object` is what would be kept. */
  validate?(review: AdmissionReview): void;
}

/** One write, as a plugin sees it. Everything in it is shared: never change it in place. */
export interface AdmissionReview {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly resource: ApiResource;
  readonly subresource: string | undefined;
  readonly user: User;
  readonly dryRun: boolean;
  readonly state: State;
  /** ms since the epoch */
  readonly now: ClusterInstant;
  /** The object as it is to be; none for a deletion. */
  readonly object?: KubeObject;
  /** The object as it was; none for a creation. */
  readonly previous?: KubeObject;
  /** Adds a warning for the client. */
  readonly warn: (text: string) => void;
}

/** Runs the plugins that change objects. */
export function admit(admission: Admission, review: AdmissionReview & { readonly object: KubeObject }): KubeObject {
  let { object } = review;
  for (const plugin of admission.plugins) if (plugin.admit) object = plugin.admit({ ...review, object });
  return object;
}

/** Runs the plugins that judge. */
export function validate(admission: Admission, review: AdmissionReview): void {
  for (const plugin of admission.plugins) plugin.validate?.(review);
}
