import { MASTERS, type User } from './user.ts';

/** What a request wants to do, as authorization sees it (authorization.k8s.io, ResourceAttributes and NonResourceAttributes). */
export type Attributes = { readonly user: User; readonly verb: string } & (
  | {
      readonly resource: string;
      readonly group: string;
      readonly version: string;
      readonly subresource?: string;
      readonly namespace?: string;
      readonly name?: string;
      readonly path?: undefined;
    }
  | { readonly path: string; readonly resource?: undefined }
);

export type Authorization = { readonly allowed: true; readonly reason?: string } | { readonly allowed: false; readonly reason?: string };

export interface Authorizer {
  authorize(attributes: Attributes): Authorization;
  /** What a user may do in a namespace, as far as the authorizer can list it. */
  rulesFor(user: User, namespace: string): Rules;
}

export interface Rules {
  readonly resourceRules: readonly { verbs: string[]; apiGroups: string[]; resources: string[] }[];
  readonly nonResourceRules: readonly { verbs: string[]; nonResourceURLs: string[] }[];
  readonly incomplete: boolean;
}

/**
 * The authorizer until roles are evaluated: administrators may do everything, so may the cluster's own parts (service accounts, nodes), and everybody
 * who authenticated may discover the API and ask about themselves. RBAC takes its place by this same port.
 */
export const internalAuthorizer: Authorizer = {
  authorize(attributes) {
    if (attributes.user.groups.some((group) => INTERNAL.includes(group))) return { allowed: true };
    if (
      attributes.path !== undefined &&
      attributes.verb === 'get' &&
      DISCOVERY.some((prefix) => attributes.path === prefix || attributes.path.startsWith(`${prefix}/`))
    ) {
      return { allowed: true };
    }
    if (attributes.resource !== undefined && attributes.verb === 'create' && SELF_REVIEWS.includes(attributes.resource)) return { allowed: true };
    return { allowed: false };
  },
  rulesFor(user) {
    if (user.groups.some((group) => INTERNAL.includes(group))) {
      return {
        resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
        nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
        incomplete: false,
      };
    }
    return {
      resourceRules: [
        { verbs: ['create'], apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'] },
        { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
      ],
      nonResourceRules: [{ verbs: ['get'], nonResourceURLs: DISCOVERY.flatMap((prefix) => [prefix, `${prefix}/*`]) }],
      incomplete: false,
    };
  },
};

const INTERNAL: readonly string[] = [MASTERS, 'system:serviceaccounts', 'system:nodes'];

/** The default roles system:discovery and system:public-info-viewer. */
const DISCOVERY = ['/api', '/apis', '/openapi', '/version', '/healthz', '/livez', '/readyz'];

/** The default role system:basic-user. */
const SELF_REVIEWS = ['selfsubjectaccessreviews', 'selfsubjectrulesreviews', 'selfsubjectreviews'];

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
