import type { ApiResource } from '../../apis/api-resource.ts';
import { apisOf } from '../../apis/apis.ts';
import { groupVersionOf } from '../../kube/group-version-kind.ts';
import { selects } from '../../kube/label-selector.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { ParamKind, ParamRef } from '../../schema/generated/kinds.ts';
import type { AdmissionReview } from '../plugin.ts';

/** What is wrong with how a policy or a binding is set up, once a request shows it: its failure policy says what comes of that. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** The resource that the parameters of a policy are of. Throws a ConfigurationError when nothing serves it. */
export function paramResource({ state }: AdmissionReview, paramKind: ParamKind | undefined): ApiResource | undefined {
  if (!paramKind) return undefined;
  const { apiVersion = '', kind = '' } = paramKind;
  const resource = apisOf(state).ofKind(apiVersion, kind);
  if (resource) return resource;
  const { group, version } = groupVersionOf(apiVersion);
  throw new ConfigurationError(`failed to find resource referenced by paramKind: '${group}/${version}, Kind=${kind}'`);
}

interface Asked {
  readonly paramKind: ParamKind | undefined;
  readonly resource: ApiResource | undefined;
  readonly paramRef: ParamRef | undefined;
  /** Of the request; '': it is about what is in none. */
  readonly namespace: string;
}

/**
 * The parameters that a policy is evaluated with for a binding, once with each; `undefined` among them: without any. Undefined: a webhook that has to convert them has been asked
 * (apiserver's policy/generic, CollectParams). Throws a ConfigurationError.
 */
export function paramsOf(review: AdmissionReview, { paramKind, resource, paramRef, namespace: ofRequest }: Asked): (KubeObject | undefined)[] | undefined {
  if (!resource || !paramRef) return [undefined];
  const { state, inVersion } = review;
  const { name, selector, parameterNotFoundAction } = paramRef;
  const namespace = resource.namespaced ? paramRef.namespace || ofRequest : undefined;
  if (namespace === '') throw new ConfigurationError('cannot use namespaced paramRef in policy binding that matches cluster-scoped resources');
  if (!resource.namespaced && paramRef.namespace) throw new ConfigurationError('paramRef.namespace must not be provided for a cluster-scoped `paramKind`');
  const one = name ? state.get(resource.storedAs, namespace, name) : undefined;
  const found = name ? (one ? [one] : []) : state.list(resource.storedAs, namespace).filter(({ metadata }) => selects(selector, metadata.labels));
  if (found.length === 0 && parameterNotFoundAction === 'Deny') {
    throw new ConfigurationError('no params found for policy binding with `Deny` parameterNotFoundAction');
  }
  const shown = found.map((param) => inVersion(param, paramKind!.apiVersion!, resource));
  return shown.includes(undefined) ? undefined : shown;
}
