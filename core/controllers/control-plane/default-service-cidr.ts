import { DEFAULT_RANGE } from '../../apis/core/service-ranges.ts';
import { creation } from '../../apis/mutation.ts';
import { keyOf } from '../../kube/object.ts';
import { userNamed } from '../../kube/user.ts';
import type { ServiceCIDR } from '../../schema/generated/kinds.ts';
import { type Controller, nothing } from '../controller.ts';

const RESOURCE = 'servicecidrs.networking.k8s.io';

export const defaultServiceCIDR: ServiceCIDR = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'ServiceCIDR',
  metadata: { name: DEFAULT_RANGE.name },
  spec: { cidrs: [DEFAULT_RANGE.cidr] },
};

/** Brings back the range that the API server is set to when it was deleted; one that says something else is left alone (pkg/controlplane/controller/defaultservicecidr). */
export const defaultServiceCIDRController: Controller = {
  name: 'kubernetes-service-cidr-controller',
  actor: userNamed('system:apiserver'),
  watches: { [RESOURCE]: ({ key }) => (key === KEY ? [key] : []) },
  // A cluster gets its first objects in one entry, before any controller looks at it.
  primaries: () => [],
  reconcile: ({ state }) => (state.get(RESOURCE, undefined, DEFAULT_RANGE.name) ? nothing : { mutations: [creation(RESOURCE, defaultServiceCIDR)] }),
};

const KEY = keyOf(RESOURCE, undefined, DEFAULT_RANGE.name);
