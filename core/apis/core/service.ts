import { same } from '../../kube/object.ts';
import type { Service, ServiceSpec } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, formatLabels, nameColumn } from '../columns.ts';
import type { Strategy, Table } from '../strategy.ts';
import { allocate } from './service-allocation.ts';
import { hasNodePorts, isExternallyAccessible } from './service-type.ts';
import { dropUnused, keepAllocated, pairClusterIPs } from './service-update.ts';
import { validateService, validateServiceStatus, validateServiceUpdate } from './service-validation.ts';
import { serviceWarnings } from './service-warnings.ts';

const table: Table<Service> = {
  columns: [
    nameColumn,
    column(
      'Type',
      'string',
      'type determines how the Service is exposed. Defaults to ClusterIP. Valid options are ExternalName, ClusterIP, NodePort, and LoadBalancer. "ClusterIP" allocates a cluster-internal IP address for load-balancing to endpoints. Endpoints are determined by the selector or if that is not specified, by manual construction of an Endpoints object or EndpointSlice objects. If clusterIP is "None", no virtual IP is allocated and the endpoints are published as a set of endpoints rather than a virtual IP. "NodePort" builds on ClusterIP and allocates a port on every node which routes to the same endpoints as the clusterIP. "LoadBalancer" builds on NodePort and creates an external load-balancer (if supported in the current cloud) which routes to the same endpoints as the clusterIP. "ExternalName" aliases this service to the specified externalName. Several other fields do not apply to ExternalName services. More info: https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types',
    ),
    column(
      'Cluster-IP',
      'string',
      'clusterIP is the IP address of the service and is usually assigned randomly. If an address is specified manually, is in-range (as per system configuration), and is not in use, it will be allocated to the service; otherwise creation of the service will fail. This field may not be changed through updates unless the type field is also being changed to ExternalName (which requires this field to be blank) or the type field is being changed from ExternalName (in which case this field may optionally be specified, as describe above).  Valid values are "None", empty string (""), or a valid IP address. Setting this to "None" makes a "headless service" (no virtual IP), which is useful when direct endpoint connections are preferred and proxying is not required.  Only applies to types ClusterIP, NodePort, and LoadBalancer. If this field is specified when creating a Service of type ExternalName, creation will fail. This field will be wiped when updating a Service to type ExternalName. More info: https://kubernetes.io/docs/concepts/services-networking/service/#virtual-ips-and-service-proxies',
    ),
    column(
      'External-IP',
      'string',
      'externalIPs is a list of IP addresses for which nodes in the cluster will also accept traffic for this service.  These IPs are not managed by Kubernetes.  The user is responsible for ensuring that traffic arrives at a node with this IP.  A common example is external load-balancers that are not part of the Kubernetes system.',
    ),
    column(
      'Port(s)',
      'string',
      'The list of ports that are exposed by this service. More info: https://kubernetes.io/docs/concepts/services-networking/service/#virtual-ips-and-service-proxies',
    ),
    ageColumn,
    column(
      'Selector',
      'string',
      'Route service traffic to pods with label keys and values matching this selector. If empty or not present, the service is assumed to have an external process managing its endpoints, which Kubernetes will not modify. Only applies to types ClusterIP, NodePort, and LoadBalancer. Ignored if type is ExternalName. More info: https://kubernetes.io/docs/concepts/services-networking/service/',
      'wide',
    ),
  ],
  cells(service, now) {
    const { type = '', clusterIPs, ports = [], selector } = service.spec ?? {};
    const portText = ports.map(({ port, nodePort, protocol }) => (nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`)).join(',');
    return [
      service.metadata.name,
      type,
      clusterIPs?.[0] ?? '<none>',
      externalAddress(service),
      portText || '<none>',
      ageOf(service, now),
      formatLabels(selector),
    ];
  },
};

/** Services (pkg/registry/core/service): the cluster's addresses and node ports are handed out here. */
export const strategy: Strategy<Service> = {
  createOnUpdate: true,
  nameFormat: 'label',
  updateRules: 'first',

  defaults({ spec, status }) {
    if (!spec) return;
    spec.sessionAffinity ||= 'None';
    if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
    if (spec.sessionAffinity === 'ClientIP' && spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined)
      spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: 10800 } };
    spec.type ||= 'ClusterIP';
    for (const port of spec.ports ?? []) {
      port.protocol ||= 'TCP';
      if (!port.targetPort) port.targetPort = port.port;
    }
    if (isExternallyAccessible(spec)) spec.externalTrafficPolicy ||= 'Cluster';
    if (spec.type === 'ClusterIP' || hasNodePorts(spec)) spec.internalTrafficPolicy ??= 'Cluster';
    if (spec.type !== 'LoadBalancer') return;
    spec.allocateLoadBalancerNodePorts ??= true;
    for (const point of status?.loadBalancer?.ingress ?? []) if (point.ip) point.ipMode ??= 'VIP';
  },

  prepareForCreate(service, context) {
    const { spec } = service;
    if (spec) {
      pairClusterIPs(spec, undefined);
      allocate(service, undefined, context);
    }
    service.status = { loadBalancer: {} };
    hideInternalTrafficPolicy(service);
  },

  prepareForUpdate(service, previous, context) {
    const { spec } = service;
    if (!spec || !previous.spec) return;
    keepAllocated(spec, previous.spec);
    pairClusterIPs(spec, previous.spec);
    if (!same(spec, previous.spec)) allocate(service, previous, context);
    dropUnused(service as WithSpec, previous.spec);
    hideInternalTrafficPolicy(service);
  },

  prepareForStatusUpdate({ spec, status }) {
    if (spec?.type === 'LoadBalancer') for (const point of status?.loadBalancer?.ingress ?? []) if (point.ip) point.ipMode ??= 'VIP';
  },

  validate: validateService,
  validateUpdate: validateServiceUpdate,
  validateStatusUpdate: validateServiceStatus,
  warnings: serviceWarnings,

  selectableFields: {
    'spec.clusterIP': ({ spec }) => spec?.clusterIP ?? '',
    'spec.type': ({ spec }) => spec?.type ?? '',
  },

  table,
};

type WithSpec = Service & { spec: ServiceSpec };

/** What is read of an ExternalName has none; one that is malformed is still refused (defaultOnReadInternalTrafficPolicy). */
function hideInternalTrafficPolicy({ spec }: Service): void {
  if (spec?.type === 'ExternalName' && (spec.internalTrafficPolicy === 'Cluster' || spec.internalTrafficPolicy === 'Local')) delete spec.internalTrafficPolicy;
}

function externalAddress({ spec = {}, status }: Service): string {
  const external = spec.externalIPs ?? [];
  if (spec.type === 'ExternalName') return spec.externalName ?? '';
  if (spec.type !== 'LoadBalancer') return external.join(',') || '<none>';
  const ingress = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '').filter(Boolean);
  return [...new Set(ingress)].concat(external).join(',') || '<pending>';
}
