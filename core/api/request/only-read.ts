import { GROUP } from '../../apis/logplane/own-resource.ts';
import type { Rules } from '../../auth/authorizer.ts';

/** Why a cluster that is shown at another time takes no write. */
export const onlyRead = (cluster: string): string => `cluster ${cluster} is shown as it was at another time: it can only be read`;

/** Whether a request for a resource changes the cluster. Reviews and plans are created, but change nothing. */
export const changesCluster = ({ verb, group, resource }: { readonly verb: string; readonly group: string; readonly resource: string }): boolean =>
  CHANGING.has(verb) && !(verb === 'create' && (OF_REVIEWS.has(group) || (group === GROUP && resource === 'plans')));

/** What is left of what a user may do where nothing can be changed. Every verb comes to those that read. */
export const readingRules = (rules: Rules): Rules => ({
  ...rules,
  resourceRules: rules.resourceRules.flatMap((rule) => {
    if (rule.apiGroups?.every((group) => OF_REVIEWS.has(group))) return [rule];
    const verbs = rule.verbs.includes('*') ? READING : rule.verbs.filter((verb) => !CHANGING.has(verb));
    return verbs.length > 0 ? [{ ...rule, verbs }] : [];
  }),
});

/** They have nothing but reviews. */
const OF_REVIEWS: ReadonlySet<string> = new Set(['authentication.k8s.io', 'authorization.k8s.io']);

const READING = ['get', 'list', 'watch'];

const CHANGING: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete', 'deletecollection', '*']);
