import { clusterAuthorizer } from '../../auth/cluster-authorizer.ts';
import { jsonValue } from '../../cel/json-value.ts';
import { type AccessDecision, type AccessQuestion, AuthorizerValue, ResourceCheck } from '../../cel/libraries/authorizer.ts';
import type { Bindings } from '../../cel/run.ts';
import type { Value } from '../../cel/value.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { Namespace } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import type { AdmissionReview } from '../plugin.ts';
import { admissionRequest } from './admission-request.ts';
import type { Matched } from './matcher.ts';
import type { Requested } from './requested.ts';
import type { Shown } from './shown.ts';

/** What the expressions of a policy or the match conditions of a webhook are evaluated for. */
export interface Input extends Shown {
  readonly review: AdmissionReview;
  readonly requested: Requested;
  readonly matched: Matched;
  /** The parameters of a binding; none: `params` is null. */
  readonly params?: KubeObject | undefined;
  /** Of what is requested; none, as for match conditions: `namespaceObject` is null. */
  readonly namespace?: Namespace | undefined;
}

/** The variables of expressions, each made when it is first asked for (apiserver's plugin/cel, activation.go). */
export function bindingsOf({ review, requested, matched, object, old, params, namespace }: Input): Bindings {
  let request: Value | undefined;
  let authorizer: AuthorizerValue | undefined;
  const authorizerOfUser = () => {
    authorizer ??= new AuthorizerValue(review.user, (question) => authorized(question, review.state));
    return authorizer;
  };
  return {
    object: jsonValue(object),
    oldObject: jsonValue(old),
    params: jsonValue(params),
    get request() {
      request ??= jsonValue(admissionRequest(review, requested, matched));
      return request;
    },
    get namespaceObject() {
      return jsonValue(namespace && shownNamespace(namespace));
    },
    get authorizer() {
      return authorizerOfUser();
    },
    get 'authorizer.requestResource'() {
      return new ResourceCheck(authorizerOfUser(), requested);
    },
  };
}

/** An expression is shown no owners and no managers of a namespace, nor its kind (CreateNamespaceObject). */
function shownNamespace({ metadata, spec, status }: Namespace) {
  const { ownerReferences: _o, managedFields: _m, selfLink: _s, ...shown } = metadata;
  return { metadata: shown, spec, status };
}

/** Selectors narrow nothing down: no authorizer of a cluster goes by them. */
function authorized({ user, verb, of }: AccessQuestion, state: State): AccessDecision {
  const { allowed, reason = '' } = clusterAuthorizer.authorize('path' in of ? { user, verb, path: of.path } : { user, verb, ...resourceAttributes(of) }, state);
  return { allowed, reason };
}

function resourceAttributes({ group, resource, subresource, namespace, name }: Exclude<AccessQuestion['of'], { readonly path: string }>) {
  return { group, version: '*', resource, ...(subresource && { subresource }), ...(namespace && { namespace }), ...(name && { name }) };
}
