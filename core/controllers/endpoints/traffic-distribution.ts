import type { Endpoint, Service } from '../../schema/generated/kinds.ts';

/** Which clients an endpoint is for, where a Service prefers those nearby (k8s.io/endpointslice/trafficdist). */
export function withNearbyHints(endpoints: readonly Endpoint[], distribution: NonNullable<Service['spec']>['trafficDistribution']): Endpoint[] {
  const hintsOf = hintsBy[distribution ?? ''];
  return endpoints.map((endpoint) => {
    const { hints: _, ...rest } = endpoint;
    const hints = endpoint.conditions?.ready === false ? undefined : hintsOf?.(endpoint);
    return hints ? { ...rest, hints } : rest;
  });
}

type Hints = NonNullable<Endpoint['hints']>;

const forZone = ({ zone }: Endpoint): Hints | undefined => (zone ? { forZones: [{ name: zone }] } : undefined);

const hintsBy: Readonly<Record<string, (endpoint: Endpoint) => Hints | undefined>> = {
  PreferClose: forZone,
  PreferSameZone: forZone,
  PreferSameNode: (endpoint) => (endpoint.nodeName ? { ...forZone(endpoint), forNodes: [{ name: endpoint.nodeName }] } : undefined),
};
