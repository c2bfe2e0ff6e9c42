import type { FieldError } from '../../kube/status.ts';
import { duplicate, forbiddenField, inRangeErrors, invalidValue, invalidValues, oneOf, required } from '../../kube/validation/field.ts';
import { validateLabels } from '../../kube/validation/metadata.ts';
import { label, portNumber, qualifiedName, subdomain } from '../../kube/validation/names.ts';
import { repeats } from '../../kube/validation/repeats.ts';
import type { Service, ServicePort, ServiceSpec } from '../../schema/generated/kinds.ts';
import { isIP } from './ip.ts';
import { validatePort } from './probes.ts';
import { needsNodePort } from './service-allocation.ts';

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];

/** Checks a Service after defaulting and allocation (ValidateService). */
export function validateService({ spec = {} }: Service): FieldError[] {
  const { ports = [], type = '', clusterIPs = [] } = spec;
  const headless = clusterIPs[0] === 'None';
  return [
    ...(!ports.length && !headless && type !== 'ExternalName' ? [required('spec.ports')] : []),
    ...validateType(spec, headless),
    ...ports.flatMap((port, i) => validateServicePort(port, ports.length > 1, headless, `spec.ports[${i}]`)),
    ...validateUniquePorts(ports, type),
    ...validateLabels(spec.selector, 'spec.selector'),
    ...oneOf('spec.sessionAffinity', spec.sessionAffinity, ['ClientIP', 'None']),
    ...inRangeErrors('spec.sessionAffinityConfig.clientIP.timeoutSeconds', spec.sessionAffinityConfig?.clientIP?.timeoutSeconds, 1, 86400),
    ...(spec.externalIPs ?? []).flatMap((ip, i) => (isIP(ip) ? [] : [invalidValue(`spec.externalIPs[${i}]`, ip, BAD_IP)])),
    ...oneOf('spec.type', type, types),
    ...validateTraffic(spec),
    ...(spec.ipFamilies ?? []).flatMap((family, i) => oneOf(`spec.ipFamilies[${i}]`, family, ['IPv4', 'IPv6'])),
    ...(spec.ipFamilyPolicy === undefined ? [] : oneOf('spec.ipFamilyPolicy', spec.ipFamilyPolicy, ['PreferDualStack', 'RequireDualStack', 'SingleStack'])),
    ...clusterIPs.flatMap((ip, i) => (headless || isIP(ip) ? [] : [invalidValue(`spec.clusterIPs[${i}]`, ip, BAD_IP)])),
    ...(spec.clusterIP && spec.clusterIP !== clusterIPs[0] ? [invalidValue('spec.clusterIPs', clusterIPs, 'first value must match `clusterIP`')] : []),
  ];
}

const BAD_IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';

function validateType({ type, externalName, clusterIPs = [], loadBalancerClass, externalIPs = [] }: ServiceSpec, headless: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (needsNodePort({ type }) && headless) errors.push(invalidValue('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`));
  if (type === 'ExternalName') {
    if (clusterIPs.length) errors.push(forbiddenField('spec.clusterIPs', "may not be set when `type` is 'ExternalName'"));
    // A fully qualified name may end in its dot.
    const name = externalName?.replace(/\.$/, '');
    errors.push(...(name ? invalidValues('spec.externalName', name, subdomain(name)) : [required('spec.externalName')]));
  }
  if (headless && externalIPs.length) errors.push(forbiddenField('spec.externalIPs', 'may not be set for headless services'));
  if (loadBalancerClass && type !== 'LoadBalancer') errors.push(forbiddenField('spec.loadBalancerClass', "may only be used when `type` is 'LoadBalancer'"));
  return errors;
}

function validateServicePort(
  { name, port, protocol, targetPort, appProtocol }: ServicePort,
  namesNeeded: boolean,
  headless: boolean,
  path: string,
): FieldError[] {
  return [
    ...(name ? invalidValues(`${path}.name`, name, label(name)) : namesNeeded ? [required(`${path}.name`)] : []),
    ...invalidValues(`${path}.port`, port ?? 0, portNumber(port ?? 0)),
    ...oneOf(`${path}.protocol`, protocol, ['SCTP', 'TCP', 'UDP']),
    ...(headless && typeof targetPort === 'number' && targetPort === port ? [] : validatePort(targetPort, `${path}.targetPort`)),
    ...(appProtocol === undefined ? [] : invalidValues(`${path}.appProtocol`, appProtocol, qualifiedName(appProtocol))),
  ];
}

function validateUniquePorts(ports: readonly ServicePort[], type: string): FieldError[] {
  const errors: FieldError[] = [];
  const names = repeats(ports, ({ name }) => name);
  const numbers = repeats(ports, ({ port, protocol }) => `${port}/${protocol}`);
  const nodePorts = repeats(ports, ({ nodePort, protocol }) => `${nodePort}/${protocol}`);
  ports.forEach(({ name, port, protocol, nodePort }, i) => {
    if (name && names.has(i)) errors.push(duplicate(`spec.ports[${i}].name`, name));
    if (numbers.has(i)) {
      errors.push(duplicate(`spec.ports[${i}]`, { Name: '', Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 }));
    }
    if (nodePort && nodePorts.has(i)) {
      errors.push(duplicate(`spec.ports[${i}].nodePort`, nodePort));
    }
    if (nodePort && !needsNodePort({ type })) errors.push(forbiddenField(`spec.ports[${i}].nodePort`, `may not be used when \`type\` is '${type}'`));
  });
  return errors;
}

function validateTraffic({ type, externalTrafficPolicy, internalTrafficPolicy, externalIPs = [], healthCheckNodePort }: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const external = needsNodePort({ type }) || (type === 'ClusterIP' && externalIPs.length > 0);
  if (external) errors.push(...oneOf('spec.externalTrafficPolicy', externalTrafficPolicy, ['Cluster', 'Local']));
  else if (externalTrafficPolicy)
    errors.push(invalidValue('spec.externalTrafficPolicy', externalTrafficPolicy, 'may only be set for externally-accessible services'));
  if (healthCheckNodePort && !(type === 'LoadBalancer' && externalTrafficPolicy === 'Local')) {
    errors.push(
      invalidValue('spec.healthCheckNodePort', healthCheckNodePort, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"),
    );
  }
  if (type !== 'ExternalName') errors.push(...oneOf('spec.internalTrafficPolicy', internalTrafficPolicy, ['Cluster', 'Local']));
  return errors;
}

/** A Service keeps its first address while its type needs one (ValidateServiceUpdate). */
export function validateServiceUpdate({ spec = {} }: Service, { spec: before = {} }: Service): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.type !== 'ExternalName' && before.type !== 'ExternalName' && before.clusterIPs?.[0] && spec.clusterIPs?.[0] !== before.clusterIPs[0]) {
    errors.push(invalidValue('spec.clusterIPs[0]', spec.clusterIPs ?? [], 'may not change once set'));
  }
  if (spec.type === 'LoadBalancer' && before.type === 'LoadBalancer' && spec.loadBalancerClass !== before.loadBalancerClass) {
    errors.push(invalidValue('spec.loadBalancerClass', spec.loadBalancerClass, 'may not change once set'));
  }
  return errors;
}
