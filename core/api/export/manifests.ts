import type { ApiResource } from '../../apis/api-resource.ts';
import { type Apis, apisOf } from '../../apis/apis.ts';
import { clusterAuthorizer } from '../../auth/cluster-authorizer.ts';
import { forbidden } from '../../kube/status.ts';
import type { Offset } from '../../log/event.ts';
import type { State } from '../../state/state.ts';
import { answerPieces } from '../answers/large-answer.ts';
import { formatYaml } from '../codec/yaml.ts';
import { utf8Pieces } from '../utf8-pieces.ts';
import type { ExportCall } from './export-call.ts';
import { manifestOf } from './manifest.ts';
import { isMadeByOthers, isOfEveryCluster, NOT_EXPORTED, rankOf } from './portable.ts';

interface Wanted {
  readonly at: Offset;
  readonly secrets: boolean;
}

/**
 * What there was at an offset as manifests that can be applied elsewhere, in an order in which they can be: without what controllers make of others, what every cluster has by itself, and what
 * is of nodes and of the past alone. Each is made when the one before is taken.
 */
export async function exportManifests(call: ExportCall, { at, secrets }: Wanted): Promise<Response> {
  const { replica, request, info } = call;
  if (secrets && !mayList('secrets', '', call))
    throw forbidden({ group: '', resource: 'secrets' }, '', 'Secrets are exported to those alone who may list them');
  const state = await replica.at(at);
  const resources = exportedResources(apisOf(state), info.namespace !== undefined).filter(
    ({ resource, group, groupResource }) => (groupResource !== 'secrets' || secrets) && mayList(resource, group, call),
  );
  const headers = new Headers({ 'content-type': 'application/yaml', 'cache-control': 'no-cache, private' });
  return answerPieces(utf8Pieces(documents(resources, state, info.namespace), PIECE), { request, headers });
}

const PIECE = 64 * 1024;

function mayList(resource: string, group: string, { user, info, state }: ExportCall): boolean {
  const { namespace } = info;
  return clusterAuthorizer.authorize({ user, verb: 'list', resource, group, version: 'v1', ...(namespace && { namespace }) }, state).allowed;
}

function* documents(resources: readonly ApiResource[], state: State, namespace: string | undefined): Generator<string> {
  for (const { groupResource } of resources) {
    for (const object of state.list(groupResource, namespace)) {
      if (isMadeByOthers(object) || isOfEveryCluster(groupResource, object, namespace)) continue;
      const manifest = manifestOf(groupResource, object);
      if (manifest) yield `---\n${formatYaml(manifest)}`;
    }
  }
}

/** Definitions and namespaces first, then what is in no namespace, what others mount or run as, and at last what runs; custom resources after those that are built in. */
function exportedResources(apis: Apis, namespaced: boolean): readonly ApiResource[] {
  const kept = apis.resources.filter(
    (resource) =>
      resource.storedAs === resource.groupResource &&
      !resource.aggregated &&
      !NOT_EXPORTED.has(resource.groupResource) &&
      resource.group !== 'logplane.dev' &&
      resource.versions.some(({ verbs }) => verbs.includes('create') && verbs.includes('watch')) &&
      (resource.namespaced || !namespaced),
  );
  return [...kept].sort((a, b) => rankOf(a) - rankOf(b));
}
