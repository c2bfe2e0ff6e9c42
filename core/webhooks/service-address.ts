import { notFound } from '../kube/status.ts';
import type { EndpointSlice, Service } from '../schema/generated/kinds.ts';
import type { State } from '../state/state.ts';
import type { Address } from './address.ts';

/**
 * Where a port of a Service is, by its EndpointSlices, or by what its external name is (apiserver's pkg/util/proxy/proxy.go, ResolveEndpoint and ResolveCluster). Pods are simulated:
 * what their addresses lead to on the network of the host has nothing to do with them, so an endpoint that is a pod is none here. Throws in Kubernetes' words.
 */
export function serviceAddress({ namespace, name, port }: { namespace: string; name: string; port: number }, state: State): Address {
  const service = state.get('services', namespace, name);
  if (!service) throw notFound({ group: '', resource: 'service' }, name);
  const { type = 'ClusterIP', externalName, ports = [] } = service.spec ?? {};
  if (type === 'ExternalName') return { host: externalName ?? '', port };
  const found = ports.find((one) => one.port === port);
  if (!found) throw new Error(`no service port ${port} found for service "${name}"`);
  const address = slicesOf(service, state)
    .map((slice) => readyEndpoint(slice, found.name ?? ''))
    .find((one) => one !== undefined);
  if (!address) throw new Error(`no endpoints available for service "${name}"`);
  return address;
}

/** Those of the family that the Service prefers first. Endpoints that a client keeps by hand count as the slices that would mirror them. */
function slicesOf({ metadata: { namespace, name }, spec }: Service, state: State): EndpointSlice[] {
  const slices = state.list('endpointslices.discovery.k8s.io', namespace).filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name);
  const isPreferred = ({ addressType }: EndpointSlice) => addressType === spec?.ipFamilies?.[0];
  return [...slices.filter(isPreferred), ...slices.filter((slice) => !isPreferred(slice)), ...mirrored(state, namespace!, name)];
}

function mirrored(state: State, namespace: string, name: string): EndpointSlice[] {
  const { subsets = [] } = state.get('endpoints', namespace, name) ?? {};
  return subsets.map(({ addresses = [], ports = [] }) => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace } as EndpointSlice['metadata'],
    addressType: 'IPv4',
    endpoints: addresses.map(({ ip, targetRef }) => ({ addresses: [ip], ...(targetRef && { targetRef }) })),
    ports: ports.map((port) => ({ ...port, name: port.name ?? '' })),
  }));
}

/** Kubernetes begins with one at random; the first one is as good. */
function readyEndpoint({ endpoints, ports }: EndpointSlice, portName: string): Address | undefined {
  const port = ports?.find(({ name, port }) => (name ?? '') === portName && port !== undefined)?.port;
  const endpoint = endpoints?.find(({ conditions, targetRef }) => conditions?.ready !== false && targetRef?.kind !== 'Pod');
  return port === undefined || !endpoint ? undefined : { host: endpoint.addresses[0]!, port };
}
