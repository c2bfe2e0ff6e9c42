import type { FieldError } from '../../kube/status.ts';
import { duplicate, forbiddenField, invalidValue, invalidValues, notSupported, oneOf, required } from '../../kube/validation/field.ts';
import { validateLabels } from '../../kube/validation/metadata.ts';
import { label, portNumber, qualifiedName, subdomain } from '../../kube/validation/names.ts';
import { repeats } from '../../kube/validation/repeats.ts';
import type { LoadBalancerIngress, Service, ServicePort, ServiceSpec, SessionAffinityConfig } from '../../schema/generated/kinds.ts';
import { validateEndpointAddress } from '../discovery/address.ts';
import { parseSloppyIp, validateCidr, validateIp } from '../networking/ip-values.ts';
import { validatePort } from './probes.ts';
import { isHeadless, validateClusterIPs, validateClusterIPsUpdate } from './service-cluster-ips.ts';
import { hasNodePorts, isExternallyAccessible, needsHealthCheck } from './service-type.ts';
import { TOPOLOGY_HINTS, TOPOLOGY_MODE } from './service-warnings.ts';

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];

/** Checks a Service after defaulting and allocation (validateService). */
export function validateService(service: Service, previous?: Service): FieldError[] {
  const { metadata, spec = {} } = service;
  const { ports = [], type = '' } = spec;
  const headless = isHeadless(spec);
  const balanced = type === 'LoadBalancer';
  return [
    ...validateTopologyAnnotations(metadata.annotations),
    ...(!ports.length && !headless && type !== 'ExternalName' ? [required('spec.ports')] : []),
    ...(headless && hasNodePorts(spec) ? [invalidValue('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`)] : []),
    ...(type === 'ExternalName' ? validateExternalName(spec) : []),
    ...validatePorts(ports),
    ...validateLabels(spec.selector, 'spec.selector'),
    ...oneOf('spec.sessionAffinity', spec.sessionAffinity, ['ClientIP', 'None']),
    ...validateAffinityConfig(spec),
    ...validateClusterIPs(spec, previous?.spec),
    ...validateExternalIPs(spec.externalIPs ?? [], previous?.spec?.externalIPs),
    ...oneOf('spec.type', type, types),
    ...validatePortNumbers(ports, type),
    ...validateSourceRanges(service, previous),
    ...(spec.allocateLoadBalancerNodePorts !== undefined && !balanced
      ? [forbiddenField('spec.allocateLoadBalancerNodePorts', "may only be used when `type` is 'LoadBalancer'")]
      : []),
    // Kubernetes leaves `spec` out of this path.
    ...(balanced && spec.allocateLoadBalancerNodePorts === undefined ? [required('allocateLoadBalancerNodePorts')] : []),
    ...validateClass(spec),
    ...validateTrafficPolicies(spec),
  ];
}

function validateTopologyAnnotations(annotations: Record<string, string> = {}): FieldError[] {
  const { [TOPOLOGY_HINTS]: hints, [TOPOLOGY_MODE]: mode } = annotations;
  if (hints === undefined || mode === undefined || hints === mode) return [];
  return [invalidValue(`metadata.annotations[${TOPOLOGY_MODE}]`, mode, `must match annotations[${TOPOLOGY_HINTS}] when both are specified`)];
}

function validateExternalName({ externalName, clusterIPs = [], ipFamilies = [], ipFamilyPolicy }: ServiceSpec): FieldError[] {
  const set = { clusterIPs: clusterIPs.length, ipFamilies: ipFamilies.length, ipFamilyPolicy: ipFamilyPolicy !== undefined };
  // A fully qualified name may end in its dot.
  const name = externalName?.replace(/\.$/, '');
  return [
    ...Object.entries(set).flatMap(([field, isSet]) => (isSet ? [forbiddenField(`spec.${field}`, 'may not be set for ExternalName services')] : [])),
    ...(name ? invalidValues('spec.externalName', name, subdomain(name)) : [required('spec.externalName')]),
  ];
}

function validatePorts(ports: readonly ServicePort[]): FieldError[] {
  const repeated = repeats(ports, ({ name }) => name);
  return ports.flatMap(({ name, port = 0, protocol, targetPort, appProtocol }, i) => {
    const path = `spec.ports[${i}]`;
    return [
      ...(name ? invalidValues(`${path}.name`, name, label(name)) : ports.length > 1 ? [required(`${path}.name`)] : []),
      ...(name && repeated.has(i) ? [duplicate(`${path}.name`, name)] : []),
      ...invalidValues(`${path}.port`, port, portNumber(port)),
      ...oneOf(`${path}.protocol`, protocol, ['SCTP', 'TCP', 'UDP']),
      ...validatePort(targetPort, `${path}.targetPort`),
      ...(appProtocol === undefined ? [] : invalidValues(`${path}.appProtocol`, appProtocol, qualifiedName(appProtocol))),
    ];
  });
}

function validatePortNumbers(ports: readonly ServicePort[], type: string): FieldError[] {
  const of = (check: (port: ServicePort, path: string, i: number) => FieldError | undefined) =>
    ports.flatMap((port, i) => check(port, `spec.ports[${i}]`, i) ?? []);
  const nodePorts = repeats(ports, ({ nodePort, protocol }) => `${nodePort}/${protocol}`);
  const numbers = repeats(ports, ({ port, protocol }) => `${port}/${protocol}`);
  return [
    ...of(({ nodePort }, path) =>
      type === 'ClusterIP' && nodePort ? forbiddenField(`${path}.nodePort`, "may not be used when `type` is 'ClusterIP'") : undefined,
    ),
    ...of(({ nodePort }, path, i) => (nodePort && nodePorts.has(i) ? duplicate(`${path}.nodePort`, nodePort) : undefined)),
    ...of(({ port = 0, protocol }, path, i) =>
      numbers.has(i) ? duplicate(path, { Name: '', Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 }) : undefined,
    ),
  ];
}

const MOST_SECONDS = 86400;

function validateAffinityConfig({ sessionAffinity, sessionAffinityConfig }: ServiceSpec): FieldError[] {
  const path = 'spec.sessionAffinityConfig';
  if (sessionAffinity === 'ClientIP') return validateClientIPConfig(sessionAffinityConfig, path);
  return sessionAffinity === 'None' && sessionAffinityConfig ? [forbiddenField(path, 'must not be set when session affinity is None')] : [];
}

function validateClientIPConfig(config: SessionAffinityConfig | undefined, path: string): FieldError[] {
  const why = 'when session affinity type is ClientIP';
  if (!config) return [required(path, why)];
  if (!config.clientIP) return [required(`${path}.clientIP`, why)];
  const { timeoutSeconds } = config.clientIP;
  if (timeoutSeconds === undefined) return [required(`${path}.clientIP.timeoutSeconds`, why)];
  return timeoutSeconds > 0 && timeoutSeconds <= MOST_SECONDS
    ? []
    : [invalidValue(`${path}.clientIP.timeoutSeconds`, timeoutSeconds, `must be greater than 0 and less than ${MOST_SECONDS}`)];
}

const validateExternalIPs = (ips: readonly string[], accepted: readonly string[] | undefined): FieldError[] =>
  ips.flatMap((ip, i) => {
    const path = `spec.externalIPs[${i}]`;
    const errors = validateIp(path, ip, accepted);
    return errors.length ? errors : validateEndpointAddress(ip, path);
  });

const SOURCE_RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges';

/** In the field or, older, in an annotation. Blanks around a range have always been let pass. */
function validateSourceRanges({ metadata, spec = {} }: Service, previous: Service | undefined): FieldError[] {
  const ranges = spec.loadBalancerSourceRanges ?? [];
  const misplaced = (path: string) => (spec.type === 'LoadBalancer' ? [] : [forbiddenField(path, "may only be used when `type` is 'LoadBalancer'")]);
  if (ranges.length) {
    // Kubernetes writes this path so.
    const path = 'spec.LoadBalancerSourceRanges';
    const accepted = previous?.spec?.loadBalancerSourceRanges?.map((range) => range.trim());
    return [...misplaced(path), ...ranges.flatMap((range, i) => validateCidr(`${path}[${i}]`, range.trim(), accepted))];
  }
  const text = metadata.annotations?.[SOURCE_RANGES];
  if (text === undefined) return [];
  const path = `metadata.annotations[${SOURCE_RANGES}]`;
  const changed = previous?.metadata.annotations?.[SOURCE_RANGES] !== text;
  return [...misplaced(path), ...(changed && text.trim() ? text.split(',').flatMap((range) => validateCidr(path, range.trim())) : [])];
}

function validateClass({ type, loadBalancerClass }: ServiceSpec): FieldError[] {
  if (loadBalancerClass === undefined) return [];
  return type === 'LoadBalancer'
    ? invalidValues('spec.loadBalancerClass', loadBalancerClass, qualifiedName(loadBalancerClass))
    : [forbiddenField('spec.loadBalancerClass', "may only be used when `type` is 'LoadBalancer'")];
}

const POLICIES = ['Cluster', 'Local'];
const DISTRIBUTIONS = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];

function validateTrafficPolicies(spec: ServiceSpec): FieldError[] {
  const { type = '', externalTrafficPolicy, internalTrafficPolicy, healthCheckNodePort, trafficDistribution } = spec;
  const errors: FieldError[] = [];
  if (isExternallyAccessible(spec)) errors.push(...oneOf('spec.externalTrafficPolicy', externalTrafficPolicy, POLICIES));
  else if (externalTrafficPolicy)
    errors.push(invalidValue('spec.externalTrafficPolicy', externalTrafficPolicy, 'may only be set for externally-accessible services'));
  if (needsHealthCheck(spec)) {
    errors.push(
      ...(healthCheckNodePort
        ? invalidValues('spec.healthCheckNodePort', healthCheckNodePort, portNumber(healthCheckNodePort))
        : [required('spec.healthCheckNodePort')]),
    );
  } else if (healthCheckNodePort) {
    errors.push(
      invalidValue('spec.healthCheckNodePort', healthCheckNodePort, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"),
    );
  }
  if (internalTrafficPolicy === undefined) {
    if (type !== 'ExternalName' && types.includes(type)) errors.push(required('spec.internalTrafficPolicy'));
  } else if (!POLICIES.includes(internalTrafficPolicy)) errors.push(notSupported('spec.internalTrafficPolicy', internalTrafficPolicy, POLICIES));
  if (trafficDistribution !== undefined && !DISTRIBUTIONS.includes(trafficDistribution))
    errors.push(notSupported('spec.trafficDistribution', trafficDistribution, DISTRIBUTIONS));
  return errors;
}

/** What stays as it is (ValidateServiceUpdate); Kubernetes says this before the rest. */
export function validateServiceUpdate({ spec = {} }: Service, { spec: before = {} }: Service): FieldError[] {
  const errors = validateClusterIPsUpdate(spec, before);
  if (spec.type === 'LoadBalancer' && before.type === 'LoadBalancer' && spec.loadBalancerClass !== before.loadBalancerClass)
    errors.push(invalidValue('spec.loadBalancerClass', spec.loadBalancerClass, 'may not change once set'));
  errors.push(...validateClass(spec));
  if (needsHealthCheck(spec) && needsHealthCheck(before) && spec.healthCheckNodePort !== before.healthCheckNodePort)
    errors.push(forbiddenField('spec.healthCheckNodePort', 'field is immutable'));
  return errors;
}

const IP_MODES = ['Proxy', 'VIP'];

/** What a load balancer answers to (ValidateLoadBalancerStatus). */
export function validateServiceStatus({ spec, status }: Service, { status: before }: Service): FieldError[] {
  const ingress = status?.loadBalancer?.ingress ?? [];
  const path = 'status.loadBalancer.ingress';
  if (spec?.type !== 'LoadBalancer' && ingress.length) return [forbiddenField(path, "may only be used when `spec.type` is 'LoadBalancer'")];
  const accepted = before?.loadBalancer?.ingress?.flatMap(({ ip }) => (ip ? [ip] : []));
  return ingress.flatMap((point, i) => validateIngressPoint(point, `${path}[${i}]`, accepted));
}

function validateIngressPoint({ ip, ipMode, hostname }: LoadBalancerIngress, path: string, accepted: readonly string[] | undefined): FieldError[] {
  const errors = ip ? validateIp(`${path}.ip`, ip, accepted) : [];
  if (ipMode === undefined) {
    if (ip) errors.push(required(`${path}.ipMode`, 'must be specified when `ip` is set'));
  } else if (!ip) errors.push(forbiddenField(`${path}.ipMode`, 'may not be specified when `ip` is not set'));
  else if (!IP_MODES.includes(ipMode)) errors.push(notSupported(`${path}.ipMode`, ipMode, IP_MODES));
  if (!hostname) return errors;
  errors.push(...invalidValues(`${path}.hostname`, hostname, subdomain(hostname)));
  if (parseSloppyIp(hostname)) errors.push(invalidValue(`${path}.hostname`, hostname, 'must be a DNS name, not an IP address'));
  return errors;
}
