import { type Key, type KubeObject, keyOf, same } from '../../kube/object.ts';
import { type FieldError, invalid } from '../../kube/status.ts';
import { invalidValue } from '../../kube/validation/field.ts';
import type { Service, ServiceSpec } from '../../schema/generated/kinds.ts';
import { type Index, index } from '../../state/indexes.ts';
import type { State } from '../../state/state.ts';
import type { StrategyContext } from '../strategy.ts';
import { ipv4ToNumber, isIPv4, numberToIPv4 } from './ip.ts';

/**
 * Addresses and node ports of Services. What is taken is read from the state, so there is no allocator to repair, and two Services that race
 * for one address meet at the log's append (pkg/registry/core/service/storage/alloc.go).
 */

/** The addresses of Services, as kubeadm sets them. Its first 256 addresses are left to Services that ask for a certain one. */
const RANGE = { base: ipv4ToNumber('10.96.0.0'), size: 2 ** 20, reserved: 256, text: '10.96.0.0/12' };
/** Node ports; the first 86 are left to Services that ask for a certain one (KEP-3668). */
const PORTS = { first: 30000, last: 32767, reserved: 86, text: '30000-32767' };

type WithSpec = Service & { spec: ServiceSpec };

/** Gives a Service the addresses and ports that its type needs and that it has not got yet. 422 Invalid when it asks for one that it cannot have. */
export function allocate(service: Service, { state, env }: StrategyContext): void {
  if (!service.spec) return;
  const { spec } = service as WithSpec;
  const others = new Others(state, service);
  const errors: FieldError[] = [];
  if (needsClusterIP(spec)) {
    allocateAddress(spec, others, env.random, errors);
    chooseFamilies(spec);
  }
  if (needsNodePort(spec)) allocatePorts(spec, others, env.random, errors);
  if (errors.length) throw invalid({ group: '', kind: 'Service' }, service.metadata.name, errors);
}

const needsClusterIP = ({ type }: ServiceSpec): boolean => type !== 'ExternalName';

export const needsNodePort = ({ type }: ServiceSpec): boolean => type === 'NodePort' || type === 'LoadBalancer';

type Chance = StrategyContext['env']['random'];

function allocateAddress(spec: ServiceSpec, others: Others, random: Chance, errors: FieldError[]): void {
  spec.clusterIP ||= spec.clusterIPs?.[0];
  if (spec.clusterIP === undefined) {
    const free = (n: number) => !others.haveAddress(numberToIPv4(RANGE.base + n));
    const found = pick(RANGE.reserved, RANGE.size - 2, free, random) ?? pick(2, RANGE.reserved - 1, free, random);
    if (found === undefined) {
      errors.push(invalidValue('spec.clusterIPs', [], 'failed to allocate a serviceIP: range is full'));
      return;
    }
    spec.clusterIP = numberToIPv4(RANGE.base + found);
  } else if (isIPv4(spec.clusterIP)) {
    const offset = ipv4ToNumber(spec.clusterIP) - RANGE.base;
    const why =
      offset <= 0 || offset >= RANGE.size - 1
        ? `the provided IP (${spec.clusterIP}) is not in the valid range. The range of valid IPs is ${RANGE.text}`
        : others.haveAddress(spec.clusterIP)
          ? 'provided IP is already allocated'
          : undefined;
    if (why) errors.push(invalidValue('spec.clusterIPs', [spec.clusterIP], `failed to allocate IP ${spec.clusterIP}: ${why}`));
  }
  spec.clusterIPs ??= [spec.clusterIP];
}

/** This cluster speaks IPv4. A headless Service without a selector has endpoints of any family: Kubernetes then claims both. */
function chooseFamilies(spec: ServiceSpec): void {
  const anyFamily = spec.clusterIP === 'None' && !Object.keys(spec.selector ?? {}).length;
  spec.ipFamilyPolicy ??= anyFamily ? 'RequireDualStack' : 'SingleStack';
  spec.ipFamilies ??= spec.ipFamilyPolicy === 'RequireDualStack' && anyFamily ? ['IPv4', 'IPv6'] : ['IPv4'];
}

function allocatePorts(spec: ServiceSpec, others: Others, random: Chance, errors: FieldError[]): void {
  const own = new Set<number>();
  spec.ports?.forEach(({ nodePort }, i) => {
    if (!nodePort) return;
    const why = portRefusal(nodePort, others);
    if (why) errors.push(invalidValue(`spec.ports[${i}].nodePort`, nodePort, why));
    own.add(nodePort);
  });
  const take = (): number | undefined => {
    const free = (port: number) => !others.havePort(port) && !own.has(port);
    const port = pick(PORTS.first + PORTS.reserved, PORTS.last, free, random) ?? pick(PORTS.first, PORTS.first + PORTS.reserved - 1, free, random);
    if (port !== undefined) own.add(port);
    return port;
  };
  const wanted = spec.type === 'NodePort' || spec.allocateLoadBalancerNodePorts !== false;
  spec.ports?.forEach((port, i) => {
    if (port.nodePort || !wanted) return;
    port.nodePort = take();
    if (!port.nodePort) errors.push(invalidValue(`spec.ports[${i}].nodePort`, 0, 'failed to allocate a nodePort: range is full'));
  });
  if (spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local') {
    const why = spec.healthCheckNodePort ? portRefusal(spec.healthCheckNodePort, others) : undefined;
    if (why)
      errors.push(
        invalidValue(
          'spec.healthCheckNodePort',
          spec.healthCheckNodePort,
          `failed to allocate requested HealthCheck NodePort ${spec.healthCheckNodePort}: ${why}`,
        ),
      );
    spec.healthCheckNodePort ||= take();
  }
}

function portRefusal(port: number, others: Others): string | undefined {
  if (port < PORTS.first || port > PORTS.last) return `provided port is not in the valid range. The range of valid ports is ${PORTS.text}`;
  return others.havePort(port) ? 'provided port is already allocated' : undefined;
}

/** A free number from `first` to `last`: a random one, and from there on the next that is free. */
function pick(first: number, last: number, free: (n: number) => boolean, random: Chance): number | undefined {
  const size = last - first + 1;
  const start = Math.floor(random.next() * size);
  for (let i = 0; i < size; i++) {
    const n = first + ((start + i) % size);
    if (free(n)) return n;
  }
  return undefined;
}

/** What the other Services of the cluster have. */
class Others {
  readonly #state: State;
  readonly #self: Key;

  constructor(state: State, { metadata: { namespace, name } }: KubeObject) {
    this.#state = state;
    this.#self = keyOf('services', namespace, name);
  }

  haveAddress(address: string): boolean {
    return this.#have(servicesByAddress, address) || this.#isReserved(address);
  }

  /** By an IPAddress that is not that of this Service. One that the Service of that name left behind is no obstacle. */
  #isReserved(address: string): boolean {
    const parent = this.#state.get('ipaddresses.networking.k8s.io', undefined, address)?.spec?.parentRef;
    if (!parent) return false;
    return parent.resource !== 'services' || this.#state.get('services', parent.namespace, parent.name) !== undefined
      ? keyOf('services', parent.namespace, parent.name) !== this.#self
      : false;
  }

  havePort(port: number): boolean {
    return this.#have(servicesByNodePort, String(port));
  }

  #have(index: Index, value: string): boolean {
    return this.#state.keys(index, value).some((key) => key !== this.#self);
  }
}

/** Headless ones, which share the word `None`, have no address. */
const servicesByAddress = index(['services'], (_key, service) => service.spec?.clusterIPs?.filter(isIPv4) ?? []);

const servicesByNodePort = index(['services'], (_key, { spec }) => {
  const { ports = [], healthCheckNodePort } = spec ?? {};
  return [...ports.map(({ nodePort }) => nodePort), healthCheckNodePort].flatMap((port) => (port ? [String(port)] : []));
});

/**
 * What an update leaves out stays as it was allocated; what its new type has no use for goes
 * (patchAllocatedValues and dropTypeDependentFields in pkg/registry/core/service/strategy.go).
 */
export function keepAllocated(service: Service, previous: Service): void {
  if (!service.spec || !previous.spec) return;
  const [spec, before] = [service.spec, previous.spec];
  if (needsClusterIP(spec) && needsClusterIP(before)) {
    spec.clusterIP ||= before.clusterIP;
    if (spec.clusterIP === before.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = before.clusterIPs;
    if (spec.clusterIP === before.clusterIP) {
      spec.ipFamilies ??= before.ipFamilies;
      spec.ipFamilyPolicy ??= before.ipFamilyPolicy;
    }
  } else if (!needsClusterIP(spec)) {
    dropSame(spec, before, ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy']);
  }
  if (needsNodePort(spec) && needsNodePort(before)) {
    const used = new Set(spec.ports?.map(({ nodePort }) => nodePort));
    const old = new Map(before.ports?.toReversed().map(({ name = '', nodePort }) => [name, nodePort]));
    for (const port of spec.ports ?? []) {
      const nodePort = old.get(port.name ?? '');
      if (!port.nodePort && nodePort && !used.has(nodePort)) port.nodePort = nodePort;
    }
    if (spec.externalTrafficPolicy === 'Local') spec.healthCheckNodePort ??= before.healthCheckNodePort;
  } else if (needsNodePort(before)) {
    const old = new Set(before.ports?.map(({ nodePort }) => nodePort));
    for (const port of spec.ports ?? []) if (old.has(port.nodePort)) delete port.nodePort;
    if (!spec.externalIPs?.length) dropSame(spec, before, ['externalTrafficPolicy']);
  }
  if (before.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') dropSame(spec, before, ['allocateLoadBalancerNodePorts', 'loadBalancerClass']);
  if (spec.type !== 'LoadBalancer' || spec.externalTrafficPolicy !== 'Local') dropSame(spec, before, ['healthCheckNodePort']);
}

function dropSame(spec: ServiceSpec, before: ServiceSpec, names: readonly (keyof ServiceSpec)[]): void {
  for (const name of names) if (same(spec[name], before[name])) delete spec[name];
}
