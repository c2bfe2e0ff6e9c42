import type { User } from '../../kube/user.ts';

/** `audit.k8s.io/v1 Policy`: of which requests something is written down, and how much (Kubernetes documentation, "Auditing", "Audit policy"). */
export interface AuditPolicy {
  readonly rules: readonly PolicyRule[];
  readonly omitStages?: readonly Stage[];
  readonly omitManagedFields?: boolean;
}

export interface PolicyRule {
  readonly level: Level;
  readonly users?: readonly string[];
  readonly userGroups?: readonly string[];
  readonly verbs?: readonly string[];
  readonly resources?: readonly GroupResources[];
  readonly namespaces?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly omitStages?: readonly Stage[];
  /** Takes the place of what the policy says. */
  readonly omitManagedFields?: boolean;
}

export interface GroupResources {
  /** '' for the legacy group, `*` for all. */
  readonly group?: string;
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
}

export const LEVELS = ['None', 'Metadata', 'Request', 'RequestResponse'] as const;
export type Level = (typeof LEVELS)[number];

export const STAGES = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'] as const;
export type Stage = (typeof STAGES)[number];

/** What a policy says of one request. */
export interface RequestConfig {
  readonly level: Level;
  readonly omitStages: ReadonlySet<Stage>;
  readonly omitManagedFields: boolean;
}

/** The first rule that matches decides; of what none matches nothing is written (apiserver/pkg/audit/policy/checker.go). `user`: none where authentication failed. */
export function configFor(policy: AuditPolicy, request: AuditedRequest): RequestConfig {
  const rule = policy.rules.find((one) => matches(one, request));
  return {
    level: rule?.level ?? 'None',
    omitStages: new Set([...(policy.omitStages ?? []), ...(rule?.omitStages ?? [])]),
    omitManagedFields: rule?.omitManagedFields ?? policy.omitManagedFields ?? false,
  };
}

/** A request as a policy sees it: what it asks for, as it is authorized (`Attributes`), and who was authenticated. */
export type AuditedRequest = { readonly user: User | undefined; readonly verb: string } & (
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

function matches(rule: PolicyRule, request: AuditedRequest): boolean {
  const { users = [], userGroups = [], verbs = [], resources = [], namespaces = [], nonResourceURLs = [] } = rule;
  const { user, verb } = request;
  if (users.length > 0 && !(user && users.includes(user.username))) return false;
  if (userGroups.length > 0 && !user?.groups.some((group) => userGroups.includes(group))) return false;
  if (verbs.length > 0 && !verbs.includes(verb)) return false;
  if (namespaces.length > 0 || resources.length > 0) return matchesResource(rule, request);
  return nonResourceURLs.length === 0 || (request.path !== undefined && nonResourceURLs.some((url) => matchesPath(url, request.path)));
}

const matchesPath = (url: string, path: string): boolean => url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.replace(/\*+$/, '')));

function matchesResource({ resources = [], namespaces = [] }: PolicyRule, request: AuditedRequest): boolean {
  if (request.path !== undefined) return false;
  const { group, resource, subresource, name = '' } = request;
  // What is in no namespace has the empty one.
  if (namespaces.length > 0 && !namespaces.includes(request.namespace ?? '')) return false;
  if (resources.length === 0) return true;
  const whole = subresource ? `${resource}/${subresource}` : resource;
  return resources.some((one) => {
    if (one.group !== '*' && (one.group ?? '') !== group) return false;
    if (!one.resources?.length) return true;
    if (one.resourceNames?.length && !one.resourceNames.includes(name)) return false;
    return one.resources.some(
      (pattern) => pattern === '*' || pattern === whole || pattern === `${resource}/*` || (subresource && pattern === `*/${subresource}`),
    );
  });
}
