import { AUTO_MANAGED, localApiServices } from '../../apis/apiregistration/local-api-services.ts';
import { apisOf, definesApis } from '../../apis/apis.ts';
import { definers } from '../../apis/definers.ts';
import { creation } from '../../apis/mutation.ts';
import { type GroupResource, type Key, keyOf, same } from '../../kube/object.ts';
import { userNamed } from '../../kube/user.ts';
import type { APIService } from '../../schema/generated/kinds.ts';
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
  watches: { [RESOURCE]: ({ object }) => [keyNamed(object.metadata.name)], ...onDefinitions() },
  primaries: allKeys,
  reconcile({ key, state }) {
    const name = key.slice(key.lastIndexOf('/') + 1);
    const wanted = localApiServices(apisOf(state)).find(({ metadata }) => metadata.name === name);
    const there = state.get(RESOURCE, undefined, name);
    if (!there) return wanted ? { mutations: [creation(RESOURCE, wanted)] } : nothing;
    if (there.metadata.deletionTimestamp) return nothing;
    if (!wanted && there.metadata.labels?.[AUTO_MANAGED]) return { mutations: [deletionOf(RESOURCE, there)] };
    const isStale = wanted && there.metadata.labels?.[AUTO_MANAGED] && !same(wanted.spec, there.spec);
    return isStale ? { mutations: [updateTo(RESOURCE, { ...there, spec: wanted.spec! })] } : nothing;
  },
};

/** What the definitions of a cluster establish may come and go with any of them. */
function onDefinitions() {
  const each = (_change: unknown, state: State) => allKeys(state);
  return Object.fromEntries(
    Object.keys(definers)
      .filter((resource) => definesApis(resource as GroupResource))
      .map((resource) => [resource, each]),
  );
}

const keyNamed = (name: string): Key => keyOf(RESOURCE, undefined, name);

function allKeys(state: State): Key[] {
  const names = new Set(localApiServices(apisOf(state)).map(({ metadata }) => metadata.name));
  for (const { metadata } of state.list(RESOURCE)) names.add(metadata.name);
  return [...names].map(keyNamed);
}
