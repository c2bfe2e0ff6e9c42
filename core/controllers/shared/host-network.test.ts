import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/object.ts';
import type { PodTemplateSpec } from '../../schema/generated/kinds.ts';
import { controlled } from '../../testing/controllers.ts';
import { daemonSet, deployment, job, node, replicaSet, statefulSet, template } from '../../testing/objects.ts';
import { testServer } from '../../testing/server.ts';

/** Templates on the host's network, as those of node exporters and network agents are. */

const onHost = (port: object, more: object = {}): PodTemplateSpec =>
  template('exporter:1', { hostNetwork: true, containers: [{ name: 'web', image: 'exporter:1', ports: [{ containerPort: 9100, ...port }] }], ...more });
const ends = { restartPolicy: 'Never' };
const labels = { app: 'web' };

const kinds: [resource: string, path: (string | number)[], holder: (port: object) => object][] = [
  ['/apis/apps/v1/namespaces/default/deployments', ['spec', 'template'], (port) => ({ spec: { selector: { matchLabels: labels }, template: onHost(port) } })],
  ['/apis/apps/v1/namespaces/default/daemonsets', ['spec', 'template'], (port) => ({ spec: { selector: { matchLabels: labels }, template: onHost(port) } })],
  ['/apis/apps/v1/namespaces/default/replicasets', ['spec', 'template'], (port) => ({ spec: { selector: { matchLabels: labels }, template: onHost(port) } })],
  [
    '/apis/apps/v1/namespaces/default/statefulsets',
    ['spec', 'template'],
    (port) => ({ spec: { serviceName: 'web', selector: { matchLabels: labels }, template: onHost(port) } }),
  ],
  ['/api/v1/namespaces/default/replicationcontrollers', ['spec', 'template'], (port) => ({ spec: { selector: labels, template: onHost(port) } })],
  ['/apis/batch/v1/namespaces/default/jobs', ['spec', 'template'], (port) => ({ spec: { template: onHost(port, ends) } })],
  [
    '/apis/batch/v1/namespaces/default/cronjobs',
    ['spec', 'jobTemplate', 'spec', 'template'],
    (port) => ({ spec: { schedule: '* * * * *', jobTemplate: { spec: { template: onHost(port, ends) } } } }),
  ],
  ['/api/v1/namespaces/default/podtemplates', ['template'], (port) => ({ template: onHost(port) })],
];

describe('a template whose pods use the network of their host', () => {
  it.each(kinds)('may leave the port of the host out: %s', async (resource, path, holder) => {
    const server = await testServer();
    const body = (port: object) => ({ metadata: { name: 'web' }, ...holder(port) });
    const refused = await server.request(`POST ${resource}`, { body: body({ hostPort: 9101 }) });
    expect({ code: refused.code, causes: refused.json.details.causes }).toEqual({
      code: 422,
      causes: [
        {
          reason: 'FieldValueInvalid',
          message: 'Invalid value: 9101: must match `containerPort` when `hostNetwork` is true',
          field: `${path.join('.')}.spec.containers[0].ports[0].hostPort`,
        },
      ],
    });
    const { code, json } = await server.request(`POST ${resource}`, { body: body({}) });
    const kept = path.reduce<Record<string | number, unknown>>((inner, step) => inner[step] as Record<string, unknown>, json) as PodTemplateSpec;
    // It stays as it was written: only pods have a default here.
    expect({ code, ports: kept.spec!.containers[0]!.ports }).toEqual({ code: 201, ports: [{ containerPort: 9100, protocol: 'TCP' }] });
  });

  it('gives the limits as requests to its pods alone, and links to services too', async () => {
    const server = await testServer();
    const limited = { template: template('x', { containers: [{ name: 'web', image: 'x', resources: { limits: { cpu: '1' } } }] }) };
    const body = { metadata: { name: 'web' }, spec: { selector: { matchLabels: labels }, ...limited } };
    const { json } = await server.request('POST /apis/apps/v1/namespaces/default/deployments', { body });
    expect(json.spec.template.spec.containers[0].resources).toEqual({ limits: { cpu: '1' } });
    expect(json.spec.template.spec).not.toHaveProperty('enableServiceLinks');
  });

  const owners: KubeObject[] = [
    daemonSet({ template: onHost({}) }),
    deployment({ template: onHost({}), replicas: 1 }),
    replicaSet({ template: onHost({}), replicas: 1 }),
    statefulSet({ template: onHost({}), replicas: 1 }),
    job({ template: onHost({}, ends) }),
  ];
  it.each(owners.map((owner): [kind: string, owner: KubeObject] => [owner.kind, owner]))('makes pods that have it: %s', async (_kind, owner) => {
    const cluster = await controlled(node('node-1'));
    await cluster.create(owner);
    await cluster.settle();
    expect(cluster.pods.map(({ spec }) => spec!.containers[0]!.ports)).toEqual([[{ containerPort: 9100, hostPort: 9100, protocol: 'TCP' }]]);
  });
});
