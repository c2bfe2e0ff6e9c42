import { expect, it } from 'vitest';
import type { Service } from '../schema/generated/kinds.ts';
import { pod } from '../testing/objects.ts';
import { stateOf } from '../testing/state.ts';
import { serviceEnvironment } from './service-environment.ts';

const service = (name: string, spec: Service['spec'], namespace = 'default'): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace },
  spec,
});

const services = [
  service('kubernetes', { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, protocol: 'TCP' }] }),
  service('redis-primary', { clusterIP: '10.96.0.11', ports: [{ port: 6379, protocol: 'TCP' }] }, 'shop'),
  service('headless', { clusterIP: 'None', ports: [{ port: 80, protocol: 'TCP' }] }, 'shop'),
];

const variablesOf = (spec: object) => Object.fromEntries(serviceEnvironment(pod('web', { metadata: { namespace: 'shop' }, ...spec }), stateOf(services)));

it('A container finds the API and the Services of its namespace in its variables', () => {
  expect(variablesOf({})).toEqual({
    KUBERNETES_SERVICE_HOST: '10.96.0.1',
    KUBERNETES_SERVICE_PORT: '443',
    KUBERNETES_SERVICE_PORT_HTTPS: '443',
    KUBERNETES_PORT: 'tcp://10.96.0.1:443',
    KUBERNETES_PORT_443_TCP: 'tcp://10.96.0.1:443',
    KUBERNETES_PORT_443_TCP_PROTO: 'tcp',
    KUBERNETES_PORT_443_TCP_PORT: '443',
    KUBERNETES_PORT_443_TCP_ADDR: '10.96.0.1',
    REDIS_PRIMARY_SERVICE_HOST: '10.96.0.11',
    REDIS_PRIMARY_SERVICE_PORT: '6379',
    REDIS_PRIMARY_PORT: 'tcp://10.96.0.11:6379',
    REDIS_PRIMARY_PORT_6379_TCP: 'tcp://10.96.0.11:6379',
    REDIS_PRIMARY_PORT_6379_TCP_PROTO: 'tcp',
    REDIS_PRIMARY_PORT_6379_TCP_PORT: '6379',
    REDIS_PRIMARY_PORT_6379_TCP_ADDR: '10.96.0.11',
  });
});

it('The API alone, where the pod wants no links', () => {
  expect(Object.keys(variablesOf({ enableServiceLinks: false })).filter((name) => !name.startsWith('KUBERNETES_'))).toEqual([]);
});
