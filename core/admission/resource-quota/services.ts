import type { Service } from '../../schema/generated/kinds.ts';
import { type Amounts, NOTHING, ONE, times } from './amounts.ts';
import { countOf, type SummedEvaluator } from './evaluator.ts';
import { noScopes } from './scopes.ts';

/** Services: how many there are, with load balancers, and their ports on the nodes (pkg/quota/v1/evaluator/core/services.go). */
export const services: SummedEvaluator<Service> = {
  resource: 'services',
  kind: 'Service',
  counts: (name) => named.includes(name),
  handles: ({ subresource }) => subresource === undefined,
  scopesOf: () => noScopes,
  usageOf: ({ spec }): Amounts =>
    new Map([
      [COUNT, ONE],
      ['services', ONE],
      ['services.loadbalancers', spec?.type === 'LoadBalancer' ? ONE : NOTHING],
      ['services.nodeports', times(nodePorts(spec))],
    ]),
};

const COUNT = countOf('services');
const named = [COUNT, 'services', 'services.nodeports', 'services.loadbalancers'];

/** Ports are given out after admission: what counts is how many the Service will have. */
function nodePorts({ type, ports = [], allocateLoadBalancerNodePorts }: NonNullable<Service['spec']> = {}): number {
  if (type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts !== false)) return ports.length;
  return type === 'LoadBalancer' ? ports.filter(({ nodePort }) => nodePort).length : 0;
}
