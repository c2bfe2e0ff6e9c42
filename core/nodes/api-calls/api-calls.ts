import { apisOf } from '../../apis/apis.ts';
import type { Mutation, UpdateMutation } from '../../apis/mutation.ts';
import { clusterAuthorizer } from '../../auth/cluster-authorizer.ts';
import type { KubeObject } from '../../kube/object.ts';
import { serviceAccountGroups, serviceAccountUsername } from '../../kube/service-account.ts';
import { AUTHENTICATED, type User } from '../../kube/user.ts';
import type { ApiCall } from '../runtime.ts';
import type { Sync } from '../sync.ts';
import type { ApiRequest, Caller } from './api-request.ts';
import { kubectl } from './kubectl.ts';
import { redisPassword } from './redis-password.ts';
import { webhookCertificate } from './webhook-certificate.ts';

/** From how a program is called to what it asks for. Undefined: that is not known, and nothing is done. */
const programs: Readonly<Record<string, (args: readonly string[], caller: Caller) => ApiRequest | undefined>> = {
  kubectl,
  argocd: redisPassword,
  'kube-webhook-certgen': webhookCertificate,
};

/**
 * Makes the calls that a container's programs make of the API, in the user of its pod's service account and as far as its roles permit them: what they
 * want goes the way of all mutations. All are made when the container ends, so that they are made once. The answer is what the program says of the first
 * that is refused; those after it are not made.
 */
export function makeApiCalls(calls: readonly ApiCall[], sync: Sync): string | undefined {
  const { namespace } = sync.pod.metadata;
  const user = userOf(namespace!, sync.pod.spec?.serviceAccountName ?? 'default');
  for (const { program, args } of calls) {
    const request = programs[program]?.(args, { namespace: namespace!, sync });
    const refused = request && makeCall(request, user, sync);
    if (refused) return refused;
  }
  return undefined;
}

function userOf(namespace: string, name: string): User {
  return { username: serviceAccountUsername({ namespace, name }), groups: [...serviceAccountGroups({ namespace }), AUTHENTICATED] };
}

function makeCall(request: ApiRequest, user: User, { state, wanted }: Sync): string | undefined {
  const { verb, resource } = request;
  const api = apisOf(state).resource(resource);
  if (!api) return `error: the server doesn't have a resource type "${resource}"`;
  const { name, namespace } = request.verb === 'create' ? request.object.metadata : request;
  const scope = api.namespaced ? { namespace: namespace! } : {};
  const attributes = { user, verb, group: api.group, version: api.versions[0]!.version, resource: api.resource, ...scope };
  if (!clusterAuthorizer.authorize({ ...attributes, ...(verb !== 'create' && { name }) }, state).allowed) {
    const where = api.namespaced ? `in the namespace "${namespace}"` : 'at the cluster scope';
    const what = `User "${user.username}" cannot ${verb} resource "${api.resource}" in API group "${api.group}" ${where}`;
    return `Error from server (Forbidden): ${resource} "${name}" is forbidden: ${what}`;
  }
  const found = state.get(resource, scope.namespace, name) as KubeObject | undefined;
  const want = (mutation: Mutation) => void wanted.push({ ...mutation, actor: user });
  if (request.verb === 'create') {
    if (found) return request.ifAbsent ? undefined : `Error from server (AlreadyExists): ${resource} "${name}" already exists`;
    want({ type: 'create', resource, object: request.object } as Mutation);
    return undefined;
  }
  if (!found) return request.verb !== 'patch' && request.ignoreNotFound ? undefined : `Error from server (NotFound): ${resource} "${name}" not found`;
  if (request.verb === 'delete') want({ type: 'delete', resource, name, ...scope });
  if (request.verb === 'patch') {
    // What the calls before this one have changed of it is not there yet.
    const earlier = wanted.findIndex((each) => each.type === 'update' && each.resource === resource && each.object.metadata.name === name);
    const [before] = earlier < 0 ? [] : (wanted.splice(earlier, 1) as UpdateMutation[]);
    const { resourceVersion: _, ...metadata } = found.metadata;
    want({ type: 'update', resource, object: request.change(before?.object ?? { ...found, metadata }) } as Mutation);
  }
  return undefined;
}
