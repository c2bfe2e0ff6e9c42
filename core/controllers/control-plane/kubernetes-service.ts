import { creation, type Mutation } from '../../apis/mutation.ts';
import { type Key, keyOf, same } from '../../kube/object.ts';
import { userNamed } from '../../kube/user.ts';
import type { EndpointSlice, Endpoints, Service } from '../../schema/generated/kinds.ts';
import { type Controller, nothing } from '../controller.ts';
import { updateTo } from '../shared/mutations.ts';

const NAMESPACE = 'default';
const NAME = 'kubernetes';
const SLICES = 'endpointslices.discovery.k8s.io';

/** Where pods reach the API server: it has no machine of its own, so that this is an address outside of the nodes' (`nodes/node-objects.ts`). */
const ENDPOINT = { ip: '172.16.0.1', port: 6443 };

/** The API as pods reach it: the first address of the range, as kubeadm has it. Nothing selects its endpoints. */
export const kubernetesService: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: NAME, namespace: NAMESPACE, labels: { component: 'apiserver', provider: 'kubernetes' } },
  spec: { type: 'ClusterIP', clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: ENDPOINT.port }] },
};

/** Keeps the Service `kubernetes` and its endpoints (pkg/controlplane/controller/kubernetesservice; reconcilers, MasterCount). */
export const kubernetesServiceController: Controller = {
  name: 'kubernetes-service-controller',
  actor: userNamed('system:apiserver'),
  watches: {
    services: ({ object }) => touching(object),
    endpoints: ({ object }) => touching(object),
    [SLICES]: ({ object }) => touching(object),
    namespaces: ({ object }) => (object.metadata.name === NAMESPACE ? [KEY] : []),
  },
  primaries: () => [KEY],
  reconcile({ state }) {
    const namespace = state.get('namespaces', undefined, NAMESPACE);
    if (!namespace || namespace.metadata.deletionTimestamp) return nothing;
    const mutations: Mutation[] = [];
    if (!state.get('services', NAMESPACE, NAME)) mutations.push(creation('services', kubernetesService));
    const known = state.get('endpoints', NAMESPACE, NAME);
    if (!known) mutations.push(creation('endpoints', endpoints));
    else if (!same(known.subsets, endpoints.subsets)) mutations.push(updateTo('endpoints', { ...known, subsets: endpoints.subsets! }));
    const there = state.get(SLICES, NAMESPACE, NAME);
    if (!there) mutations.push(creation(SLICES, slice));
    else if (!same(there.endpoints, slice.endpoints) || !same(there.ports, slice.ports))
      mutations.push(updateTo(SLICES, { ...there, endpoints: slice.endpoints, ports: slice.ports! }));
    return { mutations };
  },
};

const KEY: Key = keyOf('services', NAMESPACE, NAME);

const touching = ({ metadata: { namespace, name } }: Service | Endpoints | EndpointSlice): readonly Key[] =>
  namespace === NAMESPACE && name === NAME ? [KEY] : [];

const port = { name: 'https', port: ENDPOINT.port, protocol: 'TCP' };

const endpoints: Endpoints = {
  apiVersion: 'v1',
  kind: 'Endpoints',
  metadata: { name: NAME, namespace: NAMESPACE, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
  subsets: [{ addresses: [{ ip: ENDPOINT.ip }], ports: [port] }],
};

const slice: EndpointSlice = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: NAME, namespace: NAMESPACE, labels: { 'kubernetes.io/service-name': NAME } },
  addressType: 'IPv4',
  endpoints: [{ addresses: [ENDPOINT.ip], conditions: { ready: true } }],
  ports: [port],
};
