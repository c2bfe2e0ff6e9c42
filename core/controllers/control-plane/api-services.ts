import { AUTO_MANAGED, localApiServices } from '../../apis/apiregistration/local-api-services.ts';
import { apisOf, definesApis } from '../../apis/apis.ts';
import { definers } from '../../apis/definers.ts';
import { creation, type Mutation } from '../../apis/mutation.ts';
import { type GroupResource, type Key, keyOf, same, timestamp } from '../../kube/object.ts';
import { userNamed } from '../../kube/user.ts';
import type { APIService } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { type Controller, nothing } from '../controller.ts';
import { deletionOf, statusUpdate, updateTo } from '../shared/mutations.ts';

const RESOURCE = 'apiservices.apiregistration.k8s.io';

/**
 * Keeps an APIService for each group and version that is served here, custom ones among them, and says that it is available (kube-aggregator's autoregister and
 * status/local controllers; pkg/controlplane/controller/crdregistration).
 */
export const apiServiceController: Controller<APIService> = {
  name: 'apiservice-registration-controller',
  actor: userNamed('system:apiserver'),
  watches: { [RESOURCE]: ({ object }) => [keyNamed(object.metadata.name)], ...onDefinitions() },
  primaries: allKeys,
  reconcile({ key, state, now }) {
    const name = key.slice(key.lastIndexOf('/') + 1);
    const wanted = localApiServices(apisOf(state)).find(({ metadata }) => metadata.name === name);
    const there = state.get(RESOURCE, undefined, name);
    const mutations: Mutation[] = [];
    if (!there) return wanted ? { mutations: [creation(RESOURCE, wanted)] } : nothing;
    if (there.metadata.deletionTimestamp) return nothing;
    if (!wanted && there.metadata.labels?.[AUTO_MANAGED]) return { mutations: [deletionOf(RESOURCE, there)] };
    if (wanted && there.metadata.labels?.[AUTO_MANAGED] && !same(wanted.spec, there.spec)) mutations.push(updateTo(RESOURCE, { ...there, spec: wanted.spec! }));
    if (!there.spec?.service) mutations.push(...statusUpdate(RESOURCE, there, { conditions: available(there, timestamp(now)) }));
    return { mutations };
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

function available({ status }: APIService, now: string): NonNullable<NonNullable<APIService['status']>['conditions']> {
  const before = status?.conditions?.find(({ type }) => type === 'Available');
  const lastTransitionTime = before?.status === 'True' ? before.lastTransitionTime! : now;
  const condition = { type: 'Available', status: 'True', lastTransitionTime, reason: 'Local', message: 'Local APIServices are always available' };
  return [...(status?.conditions ?? []).filter(({ type }) => type !== 'Available'), condition];
}
