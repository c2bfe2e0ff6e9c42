import type { User } from '../../kube/user.ts';
import type { State } from '../../state/state.ts';
import type { Authorizer } from '../authorizer.ts';
import { permits } from '../rbac/permits.ts';
import { type AccessEntry, type AssociatedPolicy, accessEntryOf } from './access-entries.ts';
import { accessPolicies } from './access-policies.ts';
import { ARN_KEY } from './eks-user.ts';

/** Lets the IAM principals of access entries do what the access policies permit that are associated with these. It says nothing of anybody else. */
export const accessPolicyAuthorizer: Authorizer = {
  authorize(attributes, state) {
    const entry = entryOf(attributes.user, state);
    const place = attributes.path === undefined ? attributes.namespace : undefined;
    const policy = entry?.policies.find((one) => holdsIn(one, place) && permits(accessPolicies.get(one.name) ?? [], attributes));
    return entry && policy ? { allowed: true, reason: reasonOf(entry, policy) } : { allowed: false };
  },
  rulesFor(user, namespace, state) {
    const held = entryOf(user, state)?.policies.filter((policy) => holdsIn(policy, namespace)) ?? [];
    const rules = held.flatMap(({ name }) => accessPolicies.get(name) ?? []);
    return {
      resourceRules: rules.flatMap(({ verbs, apiGroups = [], resources }) => (resources ? [{ verbs, apiGroups, resources }] : [])),
      nonResourceRules: rules.flatMap(({ verbs, nonResourceURLs }) => (nonResourceURLs ? [{ verbs, nonResourceURLs }] : [])),
      incomplete: false,
      errors: [],
    };
  },
};

/** Only this server's own authentication says of a user which principal it is; who may impersonate that may do as much. */
function entryOf({ extra }: User, state: State): AccessEntry | undefined {
  const [arn] = extra?.[ARN_KEY] ?? [];
  return arn === undefined ? undefined : accessEntryOf(arn, state);
}

const holdsIn = ({ namespaces }: AssociatedPolicy, namespace: string | undefined): boolean =>
  namespaces === undefined || (namespace !== undefined && namespaces.some((pattern) => isLike(pattern, namespace)));

/** Whether a name is as a pattern, in which `*` stands for any characters: found from the left, each part as early as can be, so that no pattern takes long. */
function isLike(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return pattern === name;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}

/** As EKS says it in the audit. */
const reasonOf = ({ principalArn }: AccessEntry, { arn }: AssociatedPolicy): string =>
  `EKS Access Policy: allowed by ClusterRoleBinding "${principalArn}+${arn}" of ClusterRole "${arn}" to User "AccessEntry+${principalArn}"`;
