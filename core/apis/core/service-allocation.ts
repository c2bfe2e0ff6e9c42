import { type Key, type KubeObject, keyOf } from '../../kube/object.ts';
import { type FieldError, internalError, invalid, StatusError } from '../../kube/status.ts';
import { invalidValue } from '../../kube/validation/field.ts';
import type { Service, ServicePort, ServiceSpec } from '../../schema/generated/kinds.ts';
import { type Index, index } from '../../state/indexes.ts';
import type { State } from '../../state/state.ts';
import { parseCidr } from '../networking/cidr.ts';
import { ipText, parseSloppyIp } from '../networking/ip-values.ts';
import type { StrategyContext } from '../strategy.ts';
import { ipv4ToNumber, isIPv4, numberToIPv4 } from './ip.ts';
import { chooseFamilies } from './service-cluster-ips.ts';
import { hasNodePorts, needsHealthCheck } from './service-type.ts';

/**
 * Addresses and node ports of Services. What is taken is read from the state, so there is no allocator to repair, and two Services that race
 * for one address meet at the log's append (pkg/registry/core/service/storage/alloc.go).
 */

/** The addresses of Services, as kubeadm sets them. */
const DEFAULT_RANGE = rangeOf('10.96.0.0/12')!;
/** Node ports; the first 86 are left to Services that ask for a certain one (KEP-3668). */
const PORTS = { first: 30000, last: 32767, reserved: 86, text: '30000-32767' };

type WithSpec = Service & { spec: ServiceSpec };

/**
 * Gives a Service the addresses and ports that its type needs and that it has not got yet. As in Kubernetes this comes before its validation, and what cannot be
 * had is told alone: 422, or 500 for the port of health checks. A dry run asks less (allocators are not asked to reserve).
 */
export function allocate(service: Service, previous: Service | undefined, context: StrategyContext): void {
  if (!service.spec) return;
  const wanted = service as WithSpec;
  chooseFamilies(wanted, previous);
  if (!previous || previous.spec?.type === 'ExternalName') allocateAddresses(wanted, context);
  const ports = new Ports(wanted, context);
  if (hasNodePorts(wanted.spec)) {
    if (previous) ports.renew(previous.spec?.ports ?? []);
    else ports.assign();
  }
  if (needsHealthCheck(wanted.spec) && !(previous?.spec && needsHealthCheck(previous.spec))) ports.assignHealthCheck();
}

const refusal = ({ metadata }: Service, error: FieldError): StatusError => invalid({ group: '', kind: 'Service' }, metadata.name, [error]);

function allocateAddresses(service: WithSpec, context: StrategyContext): void {
  const { spec } = service;
  if (spec.type === 'ExternalName' || spec.clusterIPs?.[0] === 'None') return;
  spec.clusterIPs = (spec.ipFamilies ?? []).map((_, i) => allocated(service, spec.clusterIPs?.[i], context));
  spec.clusterIP = spec.clusterIPs[0]!;
}

/** The address that is asked for, or any. The one family is IPv4: another one has been refused. */
function allocated(service: WithSpec, asked: string | undefined, { state, env, dryRun }: StrategyContext): string {
  const others = new Others(state, service);
  if (!asked) {
    const found = freeAddress(DEFAULT_RANGE, others, env.random) ?? firstOf(moreRanges(state), (range) => freeAddress(range, others, env.random));
    if (found === undefined) throw internalError(`failed to allocate a serviceIP for Service "${service.metadata.name}": range is full`);
    return found;
  }
  const address = ipText(parseSloppyIp(asked)!);
  const outside = !holds(DEFAULT_RANGE, address) && !moreRanges(state).some((range) => holds(range, address));
  const why =
    outside && dryRun
      ? `the provided IP (${address}) is not in the valid range. The range of valid IPs is ${DEFAULT_RANGE.text}`
      : outside
        ? 'the provided network does not match the current range'
        : !dryRun && others.haveAddress(address)
          ? 'provided IP is already allocated'
          : undefined;
  if (why) throw refusal(service, invalidValue('spec.clusterIPs', service.spec.clusterIPs, `failed to allocate IP ${asked}: ${why}`));
  return asked;
}

interface Range {
  readonly text: string;
  readonly base: number;
  readonly size: number;
  /** How many of its first addresses are left to Services that ask for a certain one (KEP-3070). */
  readonly reserved: number;
}

/** Undefined: a range of no use, of IPv6 or of no address between its first and its last. */
function rangeOf(text: string): Range | undefined {
  const cidr = parseCidr(text);
  if (cidr?.family !== 4) return undefined;
  const size = 2 ** (32 - cidr.length);
  const reserved = size < 16 ? 1 : Math.min(Math.max(size / 16, 16), 256);
  return size > 2 ? { text, base: Number(cidr.address), size, reserved } : undefined;
}

/** What else a cluster has, where the default range is not enough: the ServiceCIDRs that are ready (ipallocator/cidrallocator.go). */
const moreRanges = (state: State): Range[] =>
  state
    .list('servicecidrs.networking.k8s.io')
    .filter(
      ({ metadata, status }) =>
        !metadata.deletionTimestamp && status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True'),
    )
    .flatMap(({ spec }) => spec?.cidrs ?? [])
    .flatMap((cidr) => rangeOf(cidr) ?? []);

/** The first and the last address of a range are no Service's. */
function holds({ base, size }: Range, address: string): boolean {
  const offset = isIPv4(address) ? ipv4ToNumber(address) - base : -1;
  return offset > 0 && offset < size - 1;
}

function freeAddress({ base, size, reserved }: Range, others: Others, random: StrategyContext['env']['random']): string | undefined {
  const free = (n: number) => !others.haveAddress(numberToIPv4(base + n));
  const found = pick(reserved, size - 2, free, random) ?? pick(1, reserved - 1, free, random);
  return found === undefined ? undefined : numberToIPv4(base + found);
}

function firstOf<A, B>(all: readonly A[], find: (one: A) => B | undefined): B | undefined {
  for (const one of all) {
    const found = find(one);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The node ports of one Service, as they are handed out to it. */
class Ports {
  readonly #service: WithSpec;
  readonly #context: StrategyContext;
  readonly #others: Others;
  /** Its ports, those that it keeps among them. */
  readonly #own: Set<number>;

  constructor(service: WithSpec, context: StrategyContext) {
    this.#service = service;
    this.#context = context;
    this.#others = new Others(context.state, service);
    this.#own = new Set();
  }

  /** For a new Service: entries of one port number, as TCP and UDP, share a node port (initNodePorts). */
  assign(): void {
    const { spec } = this.#service;
    const byPort = new Map<number, number>();
    spec.ports?.forEach((entry, i) => {
      if (!entry.nodePort && !allocatesNodePorts(spec)) return;
      const shared = byPort.get(entry.port);
      const asked = shared === undefined ? spec.ports!.find(({ port, nodePort }) => port === entry.port && nodePort)?.nodePort : entry.nodePort;
      if (asked && asked !== shared) this.#takeAsked(asked, i, asked);
      entry.nodePort = asked || shared || this.#takeFree();
      if (shared === undefined) byPort.set(entry.port, entry.nodePort);
    });
  }

  /** For an update: what it had stays (updateNodePorts). */
  renew(before: readonly ServicePort[]): void {
    const { spec } = this.#service;
    const had = new Set(before.map(({ nodePort }) => nodePort));
    for (const { nodePort } of spec.ports ?? []) if (nodePort && had.has(nodePort)) this.#own.add(nodePort);
    const pairs = new Set<string>();
    spec.ports?.forEach((entry, i) => {
      if (!entry.nodePort && !allocatesNodePorts(spec)) return;
      if (!entry.nodePort) entry.nodePort = this.#takeFree();
      else if (!this.#own.has(entry.nodePort)) this.#takeAsked(entry.nodePort, i, entry.nodePort);
      const pair = `{${entry.protocol} ${entry.nodePort}}`;
      if (pairs.has(pair)) throw unexplained(`duplicate nodePort: ${pair}`);
      pairs.add(pair);
    });
  }

  assignHealthCheck(): void {
    const { spec } = this.#service;
    const why = spec.healthCheckNodePort ? this.#refusal(spec.healthCheckNodePort) : undefined;
    if (why) throw internalError(`failed to allocate requested HealthCheck NodePort ${spec.healthCheckNodePort}: ${why}`);
    spec.healthCheckNodePort ||= this.#takeFree();
  }

  #takeAsked(port: number, i: number, value: number): void {
    const why = this.#refusal(port);
    if (why) throw refusal(this.#service, invalidValue(`spec.ports[${i}].nodePort`, value, why));
    this.#own.add(port);
  }

  #refusal(port: number): string | undefined {
    if (!this.#context.dryRun && (port < PORTS.first || port > PORTS.last))
      return `provided port is not in the valid range. The range of valid ports is ${PORTS.text}`;
    return this.#own.has(port) || this.#others.havePort(port) ? 'provided port is already allocated' : undefined;
  }

  #takeFree(): number {
    const { random } = this.#context.env;
    const free = (port: number) => !this.#own.has(port) && !this.#others.havePort(port);
    const port = pick(PORTS.first + PORTS.reserved, PORTS.last, free, random) ?? pick(PORTS.first, PORTS.first + PORTS.reserved - 1, free, random);
    if (port === undefined) throw internalError('failed to allocate a nodePort: range is full');
    this.#own.add(port);
    return port;
  }
}

/** Whether every port gets a node port, not only those that ask for one. */
const allocatesNodePorts = ({ type, allocateLoadBalancerNodePorts }: ServiceSpec): boolean => type === 'NodePort' || allocateLoadBalancerNodePorts !== false;

/** An error of the API server that is no Status: its words with 500. */
const unexplained = (message: string) => new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code: 500 });

/** A free number from `first` to `last`: a random one, and from there on the next that is free. */
function pick(first: number, last: number, free: (n: number) => boolean, random: StrategyContext['env']['random']): number | undefined {
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
