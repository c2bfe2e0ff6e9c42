import { same } from '../../kube/object.ts';
import type { Service, ServiceSpec } from '../../schema/generated/kinds.ts';
import { sameList } from './service-cluster-ips.ts';
import { hasClusterIP, hasNodePorts, isExternallyAccessible, needsHealthCheck } from './service-type.ts';

/** What a client means by an update of fields that depend on each other, or that it leaves out (pkg/registry/core/service). */

/** What was allocated stays where the update says nothing of it (patchAllocatedValues). */
export function keepAllocated(spec: ServiceSpec, before: ServiceSpec): void {
  if (hasClusterIP(before) && hasClusterIP(spec)) {
    spec.clusterIP ||= before.clusterIP;
    if (!spec.clusterIPs?.length && before.clusterIPs?.length) spec.clusterIPs = before.clusterIPs;
  }
  if (allocatesNodePorts(before) && allocatesNodePorts(spec)) {
    const now = new Set(spec.ports?.map(({ nodePort }) => nodePort));
    const byName = new Map(before.ports?.map(({ name = '', nodePort }) => [name, nodePort]));
    for (const port of spec.ports ?? []) {
      const nodePort = byName.get(port.name ?? '');
      if (!port.nodePort && nodePort && !now.has(nodePort)) port.nodePort = nodePort;
    }
  }
  if (needsHealthCheck(before) && needsHealthCheck(spec)) spec.healthCheckNodePort ||= before.healthCheckNodePort;
}

const allocatesNodePorts = (spec: ServiceSpec): boolean =>
  hasNodePorts(spec) && !(spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts === false);

/** `clusterIP` is the first of `clusterIPs`: a client that knows the one field changes both (normalizeClusterIPs). */
export function pairClusterIPs(spec: ServiceSpec, before: ServiceSpec | undefined): void {
  const singular = spec.clusterIP ?? '';
  if (!before) {
    if (singular && !spec.clusterIPs?.length) spec.clusterIPs = [singular];
    return;
  }
  const previously = before.clusterIP ?? '';
  if (singular === previously) {
    if (!spec.clusterIPs?.length && before.clusterIPs?.length) spec.clusterIPs = before.clusterIPs;
  } else if (sameList(spec.clusterIPs, before.clusterIPs)) {
    if (previously && !singular) delete spec.clusterIPs;
    else spec.clusterIPs = [singular];
  }
}

/** What the new type has no use for goes, unless the update sets it too: then it is refused (dropTypeDependentFields). */
export function dropUnused(service: Service & { spec: ServiceSpec }, before: ServiceSpec): void {
  const { spec } = service;
  const ceases = (needs: (of: ServiceSpec) => boolean) => needs(before) && !needs(spec);
  if (ceases(hasClusterIP)) {
    if ((spec.clusterIP ?? '') === (before.clusterIP ?? '') && sameList(spec.clusterIPs, before.clusterIPs)) {
      delete spec.clusterIP;
      delete spec.clusterIPs;
    }
    dropSame(spec, before, ['ipFamilies', 'ipFamilyPolicy']);
  }
  if (ceases(hasNodePorts)) {
    const had = new Set(before.ports?.map(({ nodePort }) => nodePort));
    if (spec.ports?.every(({ nodePort }) => !nodePort || had.has(nodePort))) for (const port of spec.ports) delete port.nodePort;
  }
  if (ceases(needsHealthCheck)) dropSame(spec, before, ['healthCheckNodePort']);
  if (ceases(({ type }) => type === 'LoadBalancer')) dropSame(spec, before, ['allocateLoadBalancerNodePorts', 'loadBalancerClass']);
  if (ceases(isExternallyAccessible)) dropSame(spec, before, ['externalTrafficPolicy']);
  if (spec.type !== 'LoadBalancer') service.status = { ...service.status, loadBalancer: {} };
}

function dropSame(spec: ServiceSpec, before: ServiceSpec, names: readonly (keyof ServiceSpec)[]): void {
  for (const name of names) if (same(spec[name], before[name])) delete spec[name];
}
