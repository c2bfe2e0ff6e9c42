import { same } from '../../kube/object.ts';
import type { Service } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, formatLabels, nameColumn } from '../columns.ts';
import type { Strategy, Table } from '../strategy.ts';
import { allocate, keepAllocated, needsNodePort } from './service-allocation.ts';
import { validateService, validateServiceUpdate } from './service-validation.ts';

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

  defaults({ spec }) {
    if (!spec) return;
    spec.sessionAffinity ||= 'None';
    if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
    if (spec.sessionAffinity === 'ClientIP' && !spec.sessionAffinityConfig?.clientIP?.timeoutSeconds)
      spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: 10800 } };
    spec.type ||= 'ClusterIP';
    for (const port of spec.ports ?? []) {
      port.protocol ||= 'TCP';
      if (!port.targetPort) port.targetPort = port.port;
    }
    if (needsNodePort(spec) || (spec.type === 'ClusterIP' && spec.externalIPs?.length)) spec.externalTrafficPolicy ||= 'Cluster';
    if (spec.type !== 'ExternalName') spec.internalTrafficPolicy ||= 'Cluster';
    if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true;
  },

  prepareForCreate(service, context) {
    service.status = { loadBalancer: {} };
    allocate(service, context);
  },

  prepareForUpdate(service, previous, context) {
    keepAllocated(service, previous);
    if (!same(service.spec, previous.spec)) allocate(service, context);
  },

  validate: validateService,
  validateUpdate: validateServiceUpdate,

  selectableFields: {
    'spec.clusterIP': ({ spec }) => spec?.clusterIP ?? '',
    'spec.type': ({ spec }) => spec?.type ?? '',
  },

  table,
};

function externalAddress({ spec = {}, status }: Service): string {
  const external = spec.externalIPs ?? [];
  if (spec.type === 'ExternalName') return spec.externalName ?? '';
  if (spec.type !== 'LoadBalancer') return external.join(',') || '<none>';
  const ingress = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '').filter(Boolean);
  return [...new Set(ingress)].concat(external).join(',') || '<pending>';
}
