import { nextRelease, pods } from '../../admission/resource-quota/pods.ts';
import { quotasTouchedBy, statusOf } from '../../admission/resource-quota/quota-status.ts';
import { type Key, type KubeObject, keyOf } from '../../kube/object.ts';
import type { ResourceQuota } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { type Controller, nothing } from '../controller.ts';

/**
 * Keeps the status of quotas right where no write does (pkg/controller/resourcequota): when the time of a pod that does not go is over, when there is a
 * resource that there was not, after a client has written the status. Whatever takes or gives back tells so itself, as a rule (decide/quota-statuses.ts).
 */
export const resourceQuotaController: Controller<ResourceQuota> = {
  name: 'resourcequota-controller',
  resource: 'resourcequotas',
  watches: {
    '*': (change, state) => [...quotasTouchedBy([change], state)].map(keyOfQuota),
    'customresourcedefinitions.apiextensions.k8s.io': (_change, state) => all(state),
    'deviceclasses.resource.k8s.io': (_change, state) => all(state),
  },
  reconcile({ object: quota, state, now }) {
    if (!quota) return nothing;
    const mutation = statusOf(quota, { state, now });
    const release = Object.keys(quota.spec?.hard ?? {}).some((name) => pods.counts(name, state))
      ? nextRelease(quota.metadata.namespace!, { state: state.observed(undefined), now })
      : undefined;
    return { mutations: mutation ? [mutation] : [], ...(release !== undefined && { enqueueAt: release }) };
  },
};

const all = (state: State): Key[] => state.list('resourcequotas').map(keyOfQuota);

const keyOfQuota = ({ metadata: { namespace, name } }: KubeObject): Key => keyOf('resourcequotas', namespace, name);
