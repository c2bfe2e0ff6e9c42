import type { FieldRequirements } from '../apis/field-selectors.ts';
import { isAuthenticated, isMaster, type User } from '../kube/user.ts';
import type { State } from '../state/state.ts';

/** What a request wants to do, as authorization sees it (authorization.k8s.io, ResourceAttributes and NonResourceAttributes). */
export type Attributes = { readonly user: User; readonly verb: string } & (
  | {
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
  | { readonly path: string; readonly resource?: undefined }
);

export type Authorization = { readonly allowed: true; readonly reason?: string } | { readonly allowed: false; readonly reason?: string };

export interface Authorizer {
  /** `state`: the newest of the cluster, also where the cluster is shown at another time: who may read the past is decided by the roles of today. */
  authorize(attributes: Attributes, state: State): Authorization;
  /** What a user may do in a namespace, as far as the authorizer can list it. */
  rulesFor(user: User, namespace: string, state: State): Rules;
}

export interface Rules {
  readonly resourceRules: readonly { verbs: string[]; apiGroups: string[]; resources: string[] }[];
  readonly nonResourceRules: readonly { verbs: string[]; nonResourceURLs: string[] }[];
  readonly incomplete: boolean;
}

/**
 * Lets administrators (system:masters) do everything, in whatever state a cluster is, and leaves all others to `authorizer` (apiserver/pkg/authorization/authorizerfactory,
 * NewPrivilegedGroups). The pipeline relies on it: no log is read to authorize an administrator.
 */
export const withPrivilegedGroup = (authorizer: Authorizer): Authorizer => ({
  authorize: (attributes, state) => (isMaster(attributes.user) ? { allowed: true } : authorizer.authorize(attributes, state)),
  rulesFor: (user, namespace, state) => (isMaster(user) ? everything : authorizer.rulesFor(user, namespace, state)),
});

/** Asks several authorizers, one after the other, until one allows (apiserver/pkg/authorization/union). */
export const anyAllows = (authorizers: readonly Authorizer[]): Authorizer => ({
  authorize(attributes, state) {
    const reasons: string[] = [];
    for (const authorizer of authorizers) {
      const decision = authorizer.authorize(attributes, state);
      if (decision.allowed) return decision;
      if (decision.reason) reasons.push(decision.reason);
    }
    return reasons.length > 0 ? { allowed: false, reason: reasons.join('\n') } : { allowed: false };
  },
  rulesFor(user, namespace, state) {
    const all = authorizers.map((authorizer) => authorizer.rulesFor(user, namespace, state));
    return {
      resourceRules: all.flatMap(({ resourceRules }) => resourceRules),
      nonResourceRules: all.flatMap(({ nonResourceRules }) => nonResourceRules),
      incomplete: all.some(({ incomplete }) => incomplete),
    };
  },
});

const everything: Rules = {
  resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
  incomplete: false,
};

/**
 * The authorizer until roles are evaluated: every user who authenticated, service accounts and nodes
 * among them, may discover the API and ask about themselves, as the default roles system:discovery and system:basic-user allow. The cluster's own
 * controllers write to the log, not through the API, so they need no leave. RBAC takes its place by this same port.
 */
export const internalAuthorizer: Authorizer = {
  authorize(attributes) {
    const { user, verb } = attributes;
    const known = isAuthenticated(user);
    if (attributes.path !== undefined) {
      const isIssuer = ISSUER_DISCOVERY.has(attributes.path) && user.groups.includes(ALL_SERVICE_ACCOUNTS);
      return { allowed: verb === 'get' && (isPublicInfo(attributes.path) || isIssuer || (known && isDiscovery(attributes.path))) };
    }
    const { resource, group, subresource } = attributes;
    return { allowed: known && verb === 'create' && subresource === undefined && SELF_REVIEWS.has(`${resource}.${group}`) };
  },
  rulesFor(user) {
    const publicInfo = { verbs: ['get'], nonResourceURLs: [...PUBLIC_INFO] };
    if (!isAuthenticated(user)) return { resourceRules: [], nonResourceRules: [publicInfo], incomplete: false };
    return {
      resourceRules: [
        { verbs: ['create'], apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'] },
        { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
      ],
      nonResourceRules: [{ verbs: ['get'], nonResourceURLs: DISCOVERY.flatMap((prefix) => [prefix, `${prefix}/*`]) }, publicInfo],
      incomplete: false,
    };
  },
};

/** The default role system:discovery: these and what is below them. */
const DISCOVERY = ['/api', '/apis', '/openapi'];

const isDiscovery = (path: string) => DISCOVERY.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));

/** The default role system:service-account-issuer-discovery, which is the service accounts'. */
const ISSUER_DISCOVERY: ReadonlySet<string> = new Set(['/.well-known/openid-configuration', '/openid/v1/jwks']);
const ALL_SERVICE_ACCOUNTS = 'system:serviceaccounts';

/** The default role system:public-info-viewer, which every client has, with or without a token. */
const PUBLIC_INFO = ['/healthz', '/livez', '/readyz', '/version', '/version/'];

export const isPublicInfo = (path: string): boolean => PUBLIC_INFO.includes(path);

/** The default role system:basic-user. */
const SELF_REVIEWS: ReadonlySet<string> = new Set([
  'selfsubjectaccessreviews.authorization.k8s.io',
  'selfsubjectrulesreviews.authorization.k8s.io',
  'selfsubjectreviews.authentication.k8s.io',
]);

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
