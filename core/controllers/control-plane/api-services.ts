import { DEFINITIONS } from '../../apis/apiextensions/accepted-names.ts';
import { AUTO_MANAGED, localApiServices } from '../../apis/apiregistration/local-api-services.ts';
import { apisOf } from '../../apis/apis.ts';
import { creation } from '../../apis/mutation.ts';
import { type Key, keyOf, same } from '../../kube/object.ts';
import { userNamed } from '../../kube/user.ts';
import type { APIService, CustomResourceDefinition } from '../../schema/generated/kinds.ts';
import type { Change } from '../../state/change.ts';
import type { State } from '../../state/state.ts';
import { type Controller, nothing } from '../controller.ts';
import { deletionOf, updateTo } from '../shared/mutations.ts';

const RESOURCE = 'apiservices.apiregistration.k8s.io';

/**
 * Keeps an APIService for each group and version that is served here, custom ones among them (kube-aggregator's autoregister; pkg/controlplane/controller/crdregistration).
 */
export const apiServiceController: Controller<APIService> = {
  name: 'apiservice-registration-controller',
  actor: userNamed('system:apiserver'),
  watches: { [RESOURCE]: ({ object }) => [keyNamed(object.metadata.name)], [DEFINITIONS]: ofVersions },
  primaries: allKeys,
  reconcile({ key, state }) {
    const name = key.slice(key.lastIndexOf('/') + 1);
    const wanted = localApiServices(apisOf(state)).get(name);
    const there = state.get(RESOURCE, undefined, name);
    if (!there) return wanted ? { mutations: [creation(RESOURCE, wanted)] } : nothing;
    if (there.metadata.deletionTimestamp) return nothing;
    if (!wanted && there.metadata.labels?.[AUTO_MANAGED]) return { mutations: [deletionOf(RESOURCE, there)] };
    const isStale = wanted && there.metadata.labels?.[AUTO_MANAGED] && !same(wanted.spec, there.spec);
    return isStale ? { mutations: [updateTo(RESOURCE, { ...there, spec: wanted.spec! })] } : nothing;
  },
};

/** The versions that a definition had or has. */
function ofVersions({ object, previous }: Change<CustomResourceDefinition>): Key[] {
  return [object, previous].flatMap((definition) => definition?.spec.versions.map(({ name }) => keyNamed(`${name}.${definition.spec.group}`)) ?? []);
}

const keyNamed = (name: string): Key => keyOf(RESOURCE, undefined, name);

function allKeys(state: State): Key[] {
  const names = new Set(localApiServices(apisOf(state)).keys());
  for (const { metadata } of state.list(RESOURCE)) names.add(metadata.name);
  return [...names].map(keyNamed);
}
