import type { ServiceSpec } from '../../schema/generated/kinds.ts';

/** What depends on the type of a Service (pkg/api/service/util.go). */

export const hasClusterIP = ({ type }: ServiceSpec): boolean => type !== 'ExternalName';

export const hasNodePorts = ({ type }: ServiceSpec): boolean => type === 'NodePort' || type === 'LoadBalancer';

/** Whether a load balancer asks each node if it has a pod. */
export const needsHealthCheck = ({ type, externalTrafficPolicy }: ServiceSpec): boolean => type === 'LoadBalancer' && externalTrafficPolicy === 'Local';

export const isExternallyAccessible = (spec: ServiceSpec): boolean => hasNodePorts(spec) || (spec.type === 'ClusterIP' && (spec.externalIPs?.length ?? 0) > 0);
