import type { ApiResource } from '../../apis/api-resource.ts';
import { type Apis, apisOf } from '../../apis/apis.ts';
import { clusterAuthorizer } from '../../auth/cluster-authorizer.ts';
import { controllerOf, type KubeObject } from '../../kube/object.ts';
import { forbidden } from '../../kube/status.ts';
import type { Offset } from '../../log/event.ts';
import type { State } from '../../state/state.ts';
import { answerPieces } from '../answers/large-answer.ts';
import { formatYaml } from '../codec/yaml.ts';
import { utf8Pieces } from '../utf8-pieces.ts';
import type { ExportCall } from './export-call.ts';
import { manifestOf } from './manifest.ts';

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

function rankOf({ groupResource, namespaced, custom }: ApiResource): number {
  const first = FIRST.indexOf(groupResource);
  if (first !== -1) return first;
  return FIRST.length + (custom ? 2 : 0) + (namespaced ? 1 : 0);
}

const FIRST: readonly string[] = [
  'customresourcedefinitions.apiextensions.k8s.io',
  'namespaces',
  'priorityclasses.scheduling.k8s.io',
  'storageclasses.storage.k8s.io',
  'serviceaccounts',
  'clusterroles.rbac.authorization.k8s.io',
  'roles.rbac.authorization.k8s.io',
  'clusterrolebindings.rbac.authorization.k8s.io',
  'rolebindings.rbac.authorization.k8s.io',
  'secrets',
  'configmaps',
  'persistentvolumes',
  'persistentvolumeclaims',
];

/** What is of nodes, of the moment, or of the cluster itself. */
const NOT_EXPORTED: ReadonlySet<string> = new Set([
  'apiservices.apiregistration.k8s.io',
  'certificatesigningrequests.certificates.k8s.io',
  'componentstatuses',
  'controllerrevisions.apps',
  'csinodes.storage.k8s.io',
  'csistoragecapacities.storage.k8s.io',
  'endpoints',
  'events',
  'flowschemas.flowcontrol.apiserver.k8s.io',
  'ipaddresses.networking.k8s.io',
  'leases.coordination.k8s.io',
  'nodes',
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io',
  'resourceslices.resource.k8s.io',
  'servicecidrs.networking.k8s.io',
  'volumeattachments.storage.k8s.io',
]);

/** Its controller makes it again; what is being deleted need not be there. */
const isMadeByOthers = (object: KubeObject): boolean =>
  controllerOf(object) !== undefined ||
  object.metadata.deletionTimestamp !== undefined ||
  (object.kind === 'EndpointSlice' && object.metadata.labels?.['endpointslice.kubernetes.io/managed-by'] !== undefined) ||
  object.metadata.annotations?.['pv.kubernetes.io/provisioned-by'] !== undefined;

/** What is there without anybody's doing. Of the namespaces of the system, something is exported when they are asked for by name. */
function isOfEveryCluster(groupResource: string, { metadata }: KubeObject, asked: string | undefined): boolean {
  const { name, namespace, labels } = metadata;
  if (labels?.['kubernetes.io/bootstrapping'] !== undefined || name.startsWith('system:') || name.startsWith('logplane:')) return true;
  if (namespace !== undefined && SYSTEM.has(namespace) && namespace !== asked) return true;
  switch (groupResource) {
    case 'namespaces':
      return SYSTEM.has(name) || name === 'default';
    case 'serviceaccounts':
      return name === 'default';
    case 'configmaps':
      return name === 'kube-root-ca.crt';
    case 'services':
    case 'endpointslices.discovery.k8s.io':
      return name === 'kubernetes' && namespace === 'default';
    case 'priorityclasses.scheduling.k8s.io':
      return name.startsWith('system-');
    default:
      return false;
  }
}

const SYSTEM: ReadonlySet<string> = new Set(['kube-system', 'kube-public', 'kube-node-lease']);
