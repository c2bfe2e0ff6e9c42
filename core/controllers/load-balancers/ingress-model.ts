import { parseCidr } from '../../apis/networking/cidr.ts';
import type { Ingress, IngressBackend, Service } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { AnnotationError, Annotations } from './annotation-values.ts';
import { controllerName, groupLoadBalancerName } from './host-names.ts';
import { classParametersOf, groupNameOf, INGRESS_ANNOTATIONS, membersOf, nameOf, ofIngress } from './ingress-groups.ts';
import type { TargetGroup } from './target-group-bindings.ts';

export interface IngressModel {
  readonly members: readonly Ingress[];
  /** Of the load balancer. */
  readonly name: string;
  readonly internal: boolean;
  readonly groups: readonly TargetGroup[];
}

/** What the load balancer of an Ingress and its group is to be (pkg/ingress, model_builder.go). Throws AnnotationError where that cannot be said. */
export function ingressModel(ingress: Ingress, state: State): IngressModel {
  const members = membersOf(ingress, state);
  for (const member of members) checkListeners(member, state);
  const scheme = shared(members, { state, suffix: 'scheme', field: 'scheme', what: 'scheme' }) ?? 'internal';
  if (scheme !== 'internal' && scheme !== 'internet-facing') throw new AnnotationError(`unknown scheme: ${scheme}`);
  const family = shared(members, { state, suffix: 'ip-address-type', field: 'ipAddressType', what: 'IPAddressType' });
  if (family && !FAMILIES.includes(family)) throw new AnnotationError(`unknown IPAddressType: ${family}`);
  const explicit = shared(members, { state, suffix: 'load-balancer-name', field: 'loadBalancerName', what: 'load balancer name' });
  if (explicit && explicit.length > 32) throw new AnnotationError('load balancer name cannot be longer than 32 characters');
  for (const member of members) for (const suffix of ['tags', 'load-balancer-attributes']) ofIngress(member).map(suffix);
  const group = groupNameOf(ingress);
  const { namespace = '', name } = ingress.metadata;
  const named = group === undefined ? controllerName(namespace, name, namespace, name, scheme) : groupLoadBalancerName(group, group, scheme);
  return { members, name: explicit ?? named, internal: scheme === 'internal', groups: members.flatMap((member) => targetGroups(member, state)) };
}

const FAMILIES = ['ipv4', 'dualstack', 'dualstack-without-public-ipv4'];

interface Setting {
  readonly state: State;
  readonly suffix: string;
  readonly field: 'scheme' | 'ipAddressType' | 'loadBalancerName';
  readonly what: string;
}

/** A setting of the load balancer, on which its Ingresses agree. */
function shared(members: readonly Ingress[], { state, suffix, field, what }: Setting): string | undefined {
  const each = members.map((member) => classParametersOf(member, state)[field] ?? ofIngress(member).text(suffix));
  const values = [...new Set(each.filter((value) => value !== undefined))].sort();
  if (values.length <= 1) return values[0];
  const listed = field === 'ipAddressType' ? `[${values.join(' ')}]` : `map[${values.map((value) => `${value}:{}`).join(' ')}]`;
  throw new AnnotationError(`conflicting ${what}: ${listed}`);
}

/** What stands before the error of one Ingress of a group. */
function inIngress<T>(ingress: Ingress, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof AnnotationError)) throw error;
    throw new AnnotationError(`ingress: ${nameOf(ingress)}: ${error.message}`);
  }
}

/** model_build_listener.go */
const checkListeners = (ingress: Ingress, state: State): void =>
  inIngress(ingress, () => {
    const annotations = ofIngress(ingress);
    for (const cidr of annotations.list('inbound-cidrs') ?? []) {
      if (!parseCidr(cidr)) throw new AnnotationError(`invalid inbound-cidrs settings on Ingress: ${nameOf(ingress)}: invalid CIDR address: ${cidr}`);
    }
    const { certificateArn, certificateARNs } = classParametersOf(ingress, state);
    const certificates = certificateArn ?? certificateARNs ?? annotations.list('certificate-arn') ?? [];
    const protocols = listenProtocols(annotations) ?? [certificates.length > 0 ? 'HTTPS' : 'HTTP'];
    if (!protocols.includes('HTTPS') || certificates.length > 0) return;
    const hosts = [...(ingress.spec?.rules ?? []).flatMap(({ host }) => host ?? []), ...(ingress.spec?.tls ?? []).flatMap(({ hosts = [] }) => hosts)];
    // No certificate of AWS is known here but by its ARN.
    const [host] = hosts.sort();
    if (host !== undefined) throw new AnnotationError(`no certificate found for host: ${host}`);
  });

function listenProtocols(annotations: Annotations): string[] | undefined {
  const text = annotations.text('listen-ports');
  const entries = annotations.json('listen-ports', (raw) => `failed to parse listen-ports configuration: \`${raw}\``);
  if (entries === undefined) return undefined;
  if (!Array.isArray(entries) || entries.length === 0) throw new AnnotationError(`empty listen-ports configuration: \`${text}\``);
  return entries.flatMap((entry: Record<string, number>) =>
    Object.entries(entry).map(([protocol, port]) => {
      if (!(port >= 1 && port <= 65535)) throw new AnnotationError(`listen port must be within [1, 65535]: ${port}`);
      if (protocol !== 'HTTP' && protocol !== 'HTTPS') throw new AnnotationError(`listen protocol must be within [HTTP, HTTPS]: ${protocol}`);
      return protocol;
    }),
  );
}

/** One for each Service and port that the rules of an Ingress lead to; a Service that is not there is answered for by the load balancer itself. */
const targetGroups = (ingress: Ingress, state: State): TargetGroup[] =>
  inIngress(ingress, () => {
    const { rules = [], defaultBackend } = ingress.spec ?? {};
    const backends = [...rules.flatMap(({ http }) => (http?.paths ?? []).map(({ backend }) => backend)), ...(defaultBackend ? [defaultBackend] : [])];
    const groups = backends.flatMap((backend) => targetGroup(ingress, backend, state) ?? []);
    return [...new Map(groups.map((group) => [group.name, group])).values()];
  });

function targetGroup(ingress: Ingress, { service: to }: IngressBackend, state: State): TargetGroup | undefined {
  if (!to) throw new AnnotationError('missing required "service" field');
  ofIngress(ingress).json(`conditions.${to.name}`);
  if (to.port?.name === 'use-annotation') {
    ofIngress(ingress).json(`actions.${to.name}`);
    return undefined;
  }
  const { namespace = '' } = ingress.metadata;
  const service = state.get('services', namespace, to.name);
  if (!service) return undefined;
  const annotations = new Annotations(INGRESS_ANNOTATIONS, { ...service.metadata.annotations, ...ingress.metadata.annotations });
  const targetType = annotations.oneOf('target-type', ['instance', 'ip'], (text) => `unknown targetType: ${text}`) ?? 'instance';
  annotations.oneOf('backend-protocol', ['HTTP', 'HTTPS'], (text) => `backend protocol must be within [HTTP, HTTPS]: ${text}`);
  annotations.oneOf('backend-protocol-version', ['HTTP1', 'HTTP2', 'GRPC'], (text) => `backend protocol version must be within [HTTP1, HTTP2, GRPC]: ${text}`);
  annotations.oneOf('healthcheck-protocol', ['HTTP', 'HTTPS'], () => 'healthCheckProtocol must be within [HTTP, HTTPS]');
  for (const suffix of ['healthcheck-interval-seconds', 'healthcheck-timeout-seconds', 'healthy-threshold-count', 'unhealthy-threshold-count']) {
    annotations.number(suffix);
  }
  for (const suffix of ['target-group-attributes', 'tags']) annotations.map(suffix);
  const port = to.port?.name || (to.port?.number ?? 0);
  const found = portOf(service, port);
  if (targetType === 'instance' && !found.nodePort) {
    throw new AnnotationError("TargetGroup port is empty. When using Instance targets, your service must be of type 'NodePort' or 'LoadBalancer'");
  }
  const name = controllerName(namespace, to.name, nameOf(ingress), service.metadata.uid!, String(port), targetType);
  return { namespace, name, service: to.name, port, targetType };
}

function portOf({ metadata, spec }: Service, port: number | string) {
  const found = spec?.ports?.find((candidate) => (typeof port === 'string' ? candidate.name === port : candidate.port === port));
  if (!found) throw new AnnotationError(`unable to find port ${port} on service ${metadata.namespace}/${metadata.name}`);
  return found;
}
