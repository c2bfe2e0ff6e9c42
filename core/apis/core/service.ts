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
      'type determines how the Service is exposed. Defaults to ClusterIP. Valid options are ExternalName, ClusterIP, NodePort, and LoadBalancer.',
    ),
    column('Cluster-IP', 'string', 'clusterIP is the IP address of the service and is usually assigned randomly.'),
    column('External-IP', 'string', 'externalIPs is a list of IP addresses for which nodes in the cluster will also accept traffic for this service.'),
    column('Port(s)', 'string', 'The list of ports that are exposed by this service.'),
    ageColumn,
    column('Selector', 'string', 'Route service traffic to pods with label keys and values matching this selector.', 'wide'),
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
