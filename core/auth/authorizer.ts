import type { FieldRequirements } from '../apis/field-selectors.ts';
import { forbidden, StatusError } from '../kube/status.ts';
import type { User } from '../kube/user.ts';
import type { State } from '../state/state.ts';

/** What a request wants to do, as authorization sees it (authorization.k8s.io, ResourceAttributes and NonResourceAttributes). */
export type Attributes = { readonly user: User; readonly verb: string } & (ResourceAttributes | { readonly path: string; readonly resource?: undefined });

export interface ResourceAttributes {
  readonly resource: string;
  readonly group: string;
  readonly version: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  /** Of a list, a watch or a deletecollection: by which fields it selects. Labels no authorizer here looks at. */
  readonly fields?: FieldRequirements;
  readonly path?: undefined;
}

export interface Authorization {
  readonly allowed: boolean;
  /** Which rule allows it, or what was wrong with the rules that might have. */
  readonly reason?: string;
}

export interface Authorizer {
  /** `state`: the newest of the cluster, also where the cluster is shown at another time: who may read the past is decided by the roles of today. */
  authorize(attributes: Attributes, state: State): Authorization;
  /** What a user may do in a namespace, as far as the authorizer can list it. */
  rulesFor(user: User, namespace: string, state: State): Rules;
}

export interface Rules {
  readonly resourceRules: readonly ResourceRule[];
  readonly nonResourceRules: readonly NonResourceRule[];
  /** The authorizer knows of more than it lists. */
  readonly incomplete: boolean;
  /** What kept it from listing more. */
  readonly errors: readonly string[];
}

export interface ResourceRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
}

export interface NonResourceRule {
  readonly verbs: readonly string[];
  readonly nonResourceURLs: readonly string[];
}

/** Asks several authorizers, one after the other, until one allows (apiserver/pkg/authorization/union). */
export const anyAllows = (authorizers: readonly Authorizer[]): Authorizer => ({
  authorize(attributes, state) {
    const reasons: string[] = [];
    for (const authorizer of authorizers) {
      const authorization = authorizer.authorize(attributes, state);
      if (authorization.allowed) return authorization;
      if (authorization.reason) reasons.push(authorization.reason);
    }
    return reasons.length > 0 ? { allowed: false, reason: reasons.join('\n') } : { allowed: false };
  },
  rulesFor(user, namespace, state) {
    const all = authorizers.map((authorizer) => authorizer.rulesFor(user, namespace, state));
    return {
      resourceRules: all.flatMap(({ resourceRules }) => resourceRules),
      nonResourceRules: all.flatMap(({ nonResourceRules }) => nonResourceRules),
      incomplete: all.some(({ incomplete }) => incomplete),
      errors: all.flatMap(({ errors }) => errors),
    };
  },
});

/** Several errors as one text, each once (apimachinery, util/errors, NewAggregate). */
export function aggregated(errors: readonly string[]): string {
  const texts = [...new Set(errors)];
  return texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`;
}

/** 403, in the words of Kubernetes. */
export function refused(attributes: Attributes, reason: string | undefined): StatusError {
  const why = refusal(attributes, reason);
  if (attributes.path === undefined) return forbidden({ group: attributes.group, resource: attributes.resource }, attributes.name ?? '', why);
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `forbidden: ${why}`,
    reason: 'Forbidden',
    details: {},
    code: 403,
  });
}

/** Why a request is refused, in the words of Kubernetes (endpoints/handlers/responsewriters/errors.go, forbiddenMessage). */
export function refusal(attributes: Attributes, reason: string | undefined): string {
  const user = JSON.stringify(attributes.user.username);
  if (attributes.path !== undefined) return withReason(`User ${user} cannot ${attributes.verb} path ${JSON.stringify(attributes.path)}`, reason);
  const resource = attributes.subresource ? `${attributes.resource}/${attributes.subresource}` : attributes.resource;
  const where = attributes.namespace ? ` in the namespace ${JSON.stringify(attributes.namespace)}` : ' at the cluster scope';
  return withReason(
    `User ${user} cannot ${attributes.verb} resource ${JSON.stringify(resource)} in API group ${JSON.stringify(attributes.group)}${where}`,
    reason,
  );
}

const withReason = (text: string, reason: string | undefined) => (reason ? `${text}: ${reason}` : text);
