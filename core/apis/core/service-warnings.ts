import { quoted } from '../../kube/validation/field.ts';
import type { Service, ServiceSpec } from '../../schema/generated/kinds.ts';
import { cidrWarnings, ipWarnings } from '../networking/ip-values.ts';

export const TOPOLOGY_HINTS = 'service.kubernetes.io/topology-aware-hints';
export const TOPOLOGY_MODE = 'service.kubernetes.io/topology-mode';

/** What a client is told of a Service that is accepted (pkg/api/service/warnings.go). */
export function serviceWarnings({ metadata, spec = {} }: Service): string[] {
  const { type, clusterIP, clusterIPs = [], externalIPs = [], externalName, loadBalancerIP, loadBalancerSourceRanges = [], trafficDistribution } = spec;
  const headless = type === 'ClusterIP' && clusterIP === 'None';
  const external = type === 'ExternalName';
  return [
    ...(metadata.annotations?.[TOPOLOGY_HINTS] === undefined ? [] : [`annotation ${TOPOLOGY_HINTS} is deprecated, please use ${TOPOLOGY_MODE} instead`]),
    ...(clusterIP && clusterIP !== 'None' ? clusterIPs.flatMap((ip, i) => ipWarnings(`spec.clusterIPs[${i}]`, ip)) : []),
    ...(headless ? ignoredWhenHeadless(spec) : []),
    ...externalIPs.flatMap((ip, i) => ipWarnings(`spec.externalIPs[${i}]`, ip)),
    ...(externalIPs.length && !headless && !external ? ['spec.externalIPs is deprecated and may no longer be implemented in some clusters'] : []),
    ...(loadBalancerIP ? ipWarnings('spec.loadBalancerIP', loadBalancerIP) : []),
    ...loadBalancerSourceRanges.flatMap((cidr, i) => cidrWarnings(`spec.loadBalancerSourceRanges[${i}]`, cidr)),
    ...(external && externalIPs.length ? ['spec.externalIPs is ignored when spec.type is "ExternalName"'] : []),
    ...(!external && externalName ? ['spec.externalName is ignored when spec.type is not "ExternalName"'] : []),
    ...(trafficDistribution === 'PreferClose' ? [`spec.trafficDistribution: ${quoted(trafficDistribution)} is deprecated; use "PreferSameZone"`] : []),
  ];
}

const ignoredWhenHeadless = ({ loadBalancerIP, externalIPs, sessionAffinity }: ServiceSpec): string[] => [
  ...(loadBalancerIP ? ['spec.loadBalancerIP is ignored for headless services'] : []),
  ...(externalIPs?.length ? ['spec.externalIPs is ignored for headless services'] : []),
  ...(sessionAffinity === 'None' ? [] : ['spec.SessionAffinity is ignored for headless services']),
];
