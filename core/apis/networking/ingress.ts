import type { FieldError } from '../../kube/status.ts';
import { invalidValue, invalidValues, notSupported, required } from '../../kube/validation/field.ts';
import { label, pathSegment, portName, portNumber, subdomain, wildcardSubdomain } from '../../kube/validation/names.ts';
import type {
  HTTPIngressPath,
  Ingress,
  IngressBackend,
  IngressRule,
  IngressServiceBackend,
  IngressSpec,
  IngressTLS,
  TypedLocalObjectReference,
} from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { emptyStatus } from '../status-subresource.ts';
import type { Strategy } from '../strategy.ts';
import { parseSloppyIp, validateIp } from './ip-values.ts';

/** networking.k8s.io/v1 Ingress (pkg/apis/networking/validation, pkg/registry/networking/ingress/strategy.go). */
export const strategy: Strategy<Ingress> = {
  generation: 'spec',
  prepareForCreate: emptyStatus({ loadBalancer: {} }),
  validate: ({ metadata, spec = {} }, previous) => [
    ...validateSpec(spec, 'spec', previous?.spec),
    ...(previous ? [] : validateClassAnnotation(metadata.annotations?.[CLASS_ANNOTATION], spec.ingressClassName)),
  ],
  validateStatusUpdate({ status }, { status: before }) {
    const accepted = before?.loadBalancer?.ingress?.flatMap(({ ip }) => (ip ? [ip] : []));
    return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }, i) => {
      const path = `status.loadBalancer.ingress[${i}]`;
      return [
        ...(ip ? validateIp(`${path}.ip`, ip, accepted) : []),
        ...(hostname ? invalidValues(`${path}.hostname`, hostname, subdomain(hostname)) : []),
        ...(isSloppyIp(hostname) ? [invalidValue(`${path}.hostname`, hostname, 'must be a DNS name, not an IP address')] : []),
      ];
    });
  },
  warnings: ({ metadata, spec }, previous) =>
    !previous && metadata.annotations?.[CLASS_ANNOTATION] !== undefined && spec?.ingressClassName === undefined
      ? [`annotation "${CLASS_ANNOTATION}" is deprecated, please use 'spec.ingressClassName' instead`]
      : [],
  table: {
    columns: [
      nameColumn,
      column('Class', 'string', 'The name of the IngressClass resource that should be used for additional configuration'),
      column('Hosts', 'string', 'Hosts that incoming requests are matched against before the ingress rule'),
      column('Address', 'string', 'Address is a list containing ingress points for the load-balancer'),
      column('Ports', 'string', 'Ports of TLS configurations that open'),
      ageColumn,
    ],
    cells: (ingress, now) => {
      const { spec, status } = ingress;
      const addresses = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '').filter(Boolean);
      return [
        ingress.metadata.name,
        spec?.ingressClassName ?? '<none>',
        hostsText(spec?.rules ?? []),
        [...new Set(addresses)].sort().join(','),
        spec?.tls?.length ? '80, 443' : '80',
        ageOf(ingress, now),
      ];
    },
  },
};

const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';

function hostsText(rules: readonly IngressRule[]): string {
  const hosts: string[] = [];
  let more = false;
  for (const { host } of rules) {
    if (hosts.length === 3) more = true;
    else if (host) hosts.push(host);
  }
  if (!hosts.length) return '*';
  return more ? `${hosts.join(',')} + ${rules.length - 3} more...` : hosts.join(',');
}

const isSloppyIp = (text: string | undefined): boolean => text !== undefined && parseSloppyIp(text) !== undefined;

/** Of an update, what was malformed before may stay so: names of Secrets, rules of wildcard hosts. */
function validateSpec({ rules = [], defaultBackend, tls = [], ingressClassName }: IngressSpec, path: string, before: IngressSpec | undefined): FieldError[] {
  const anySecret = before?.tls?.some((entry) => validateTls({ ...(entry.secretName && { secretName: entry.secretName }) }, '').length > 0) ?? false;
  const anyWildcard = before?.rules?.some((rule) => rule.host?.includes('*') && validateHttp(rule, '').length > 0) ?? false;
  return [
    ...(rules.length || defaultBackend ? [] : [invalidValue(path, null, 'either `defaultBackend` or `rules` must be specified')]),
    ...(defaultBackend ? validateBackend(defaultBackend, `${path}.defaultBackend`) : []),
    ...rules.flatMap((rule, i) => validateRule(rule, `${path}.rules[${i}]`, anyWildcard)),
    ...tls.flatMap(({ hosts, secretName }, i) =>
      validateTls({ ...(hosts && { hosts }), ...(secretName && !anySecret && { secretName }) }, `${path}.tls[${i}]`),
    ),
    ...(ingressClassName === undefined ? [] : invalidValues(`${path}.ingressClassName`, ingressClassName, subdomain(ingressClassName))),
  ];
}

/** Both ways to name a class must name the same one. */
const validateClassAnnotation = (annotation: string | undefined, className: string | undefined): FieldError[] =>
  annotation !== undefined && className !== undefined && annotation !== className
    ? [invalidValue(`annotations.${CLASS_ANNOTATION}`, annotation, 'must match `ingressClassName` when both are specified')]
    : [];

const validateHost = (path: string, host: string): FieldError[] => invalidValues(path, host, host.includes('*') ? wildcardSubdomain(host) : subdomain(host));

function validateRule(rule: IngressRule, path: string, anyWildcard: boolean): FieldError[] {
  const { host } = rule;
  return [
    ...(isSloppyIp(host) ? [invalidValue(`${path}.host`, host, 'must be a DNS name, not an IP address')] : []),
    ...(host ? validateHost(`${path}.host`, host) : []),
    ...(anyWildcard && host?.includes('*') ? [] : validateHttp(rule, path)),
  ];
}

const validateHttp = ({ http }: IngressRule, path: string): FieldError[] => [
  ...(http && !http.paths?.length ? [required(`${path}.http.paths`)] : []),
  ...(http?.paths ?? []).flatMap((entry, i) => validatePath(entry, `${path}.http.paths[${i}]`)),
];

const validateTls = ({ hosts = [], secretName }: IngressTLS, path: string): FieldError[] => [
  ...hosts.flatMap((host, i) => validateHost(`${path}.hosts[${i}]`, host)),
  ...(secretName ? invalidValues(`${path}.secretName`, secretName, subdomain(secretName)) : []),
];

const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];
const INVALID_SEQUENCES = ['//', '/./', '/../', '%2f', '%2F'];
const INVALID_SUFFIXES = ['/..', '/.'];

function validatePath({ path: text = '', pathType, backend }: HTTPIngressPath, path: string): FieldError[] {
  if (pathType === undefined) return [required(`${path}.pathType`, 'pathType must be specified')];
  const errors: FieldError[] = [];
  if (!PATH_TYPES.includes(pathType)) errors.push(notSupported(`${path}.pathType`, pathType, PATH_TYPES));
  else if (!text.startsWith('/') && (text || pathType !== 'ImplementationSpecific'))
    errors.push(invalidValue(`${path}.path`, text, 'must be an absolute path'));
  if (pathType === 'Exact' || pathType === 'Prefix') {
    for (const part of INVALID_SEQUENCES) if (text.includes(part)) errors.push(invalidValue(`${path}.path`, text, `must not contain '${part}'`));
    for (const end of INVALID_SUFFIXES) if (text.endsWith(end)) errors.push(invalidValue(`${path}.path`, text, `cannot end with '${end}'`));
  }
  return [...errors, ...validateBackend(backend ?? {}, `${path}.backend`)];
}

function validateBackend({ resource, service }: IngressBackend, path: string): FieldError[] {
  if (resource && service) return [invalidValue(path, '', 'cannot set both resource and service backends')];
  if (resource) return validateReference(resource, `${path}.resource`);
  return service ? validateService(service, path) : [invalidValue(path, '', 'resource or service backend is required')];
}

function validateService({ name, port = {} }: IngressServiceBackend, path: string): FieldError[] {
  const errors = name ? invalidValues(`${path}.service.name`, name, label(name)) : [required(`${path}.service.name`)];
  if (port.name && port.number) return [...errors, invalidValue(path, '', 'cannot set both port name & port number')];
  if (port.name) return [...errors, ...invalidValues(`${path}.service.port.name`, port.name, portName(port.name))];
  if (port.number) return [...errors, ...invalidValues(`${path}.service.port.number`, port.number, portNumber(port.number))];
  return [...errors, required(path, 'port name or number is required')];
}

/** A reference to an object of the same namespace. */
const validateReference = ({ apiGroup, kind, name }: TypedLocalObjectReference, path: string): FieldError[] => [
  ...(apiGroup === undefined ? [] : invalidValues(`${path}.apiGroup`, apiGroup, subdomain(apiGroup))),
  ...(kind ? invalidValues(`${path}.kind`, kind, pathSegment(kind)) : [required(`${path}.kind`)]),
  ...(name ? invalidValues(`${path}.name`, name, pathSegment(name)) : [required(`${path}.name`)]),
];
