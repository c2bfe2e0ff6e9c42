import { expect, it } from 'vitest';
import type { KubeObject } from '../kube/object.ts';
import { autoscaled, autoscaler } from '../testing/autoscaling.ts';
import { daemonSet, deployment, job, namespace, pod, replicaSet, statefulSet, template } from '../testing/objects.ts';
import { claim } from '../testing/storage-objects.ts';

const HOUR = 3_600_000;

const named = <T extends KubeObject>(name: string, object: T): T => ({ ...object, metadata: { ...object.metadata, name } });
const quota = (hard: Record<string, string>, of = 'full'): KubeObject =>
  ({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'none', namespace: of }, spec: { hard } }) as KubeObject;
const inFull = <T extends KubeObject>(object: T, of = 'full'): T => ({ ...object, metadata: { ...object.metadata, namespace: of } });
const cronJob = (name: string, schedule: string, more: object = {}): KubeObject =>
  ({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name, namespace: 'default' },
    spec: { schedule, jobTemplate: { spec: job().spec }, ...more },
  }) as KubeObject;
const loadBalancer = (name: string, annotations: Record<string, string>, more: object = {}): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default', annotations },
    spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80 }], ...more },
  }) as KubeObject;
const aws = 'service.beta.kubernetes.io/aws-load-balancer';
const nobody = template('nginx:1', { serviceAccountName: 'nobody' });
const claimed = (more: object = {}) => statefulSet({ volumeClaimTemplates: [{ metadata: { name: 'd' }, spec: claim('d', more).spec }] });

it.each<{ name: string; objects: KubeObject[] }>([
  {
    name: 'whose workloads are what they should be',
    objects: [deployment(), autoscaler({ minReplicas: 3 }), statefulSet(), daemonSet()].map((object, i) => (i > 1 ? named(`web-${i}`, object) : object)),
  },
  {
    name: 'whose autoscalers are broken',
    objects: [
      deployment({ replicas: 2 }),
      autoscaler(),
      autoscaler({}, 'same'),
      autoscaler({ scaleTargetRef: { apiVersion: 'apps/v1', kind: 'ControllerRevision', name: 'x' } }, 'no-scale'),
      autoscaler({ scaleTargetRef: { apiVersion: 'example.com/v1', kind: 'Nothing', name: 'x' } }, 'no-kind'),
      autoscaler({ metrics: [{ type: 'External', external: { metric: { name: 'none' }, target: { type: 'Value', value: '1' } } }] }, 'no-metric'),
    ],
  },
  {
    name: 'whose pods are refused',
    objects: [
      deployment({ template: nobody }),
      named('rs', replicaSet({ template: nobody })),
      named('sts', statefulSet({ template: nobody })),
      named('ds', daemonSet({ template: nobody })),
      job({ template: { spec: { ...job().spec!.template.spec!, serviceAccountName: 'nobody' } } }),
    ],
  },
  {
    name: 'whose quotas are full',
    objects: [
      namespace('full'),
      quota({ 'count/replicasets.apps': '0', 'count/jobs.batch': '0', persistentvolumeclaims: '0', pods: '0' }),
      inFull(deployment()),
      inFull(named('sts', statefulSet())),
      inFull(named('claimed', claimed())),
      inFull(named('ds', daemonSet())),
    ],
  },
  {
    name: 'whose CronJobs have nothing to start',
    objects: [cronJob('suspended', '* * * * *', { suspend: true }), cronJob('never', '0 0 30 2 *')],
  },
  {
    name: 'whose claims wait',
    objects: [
      claim('none', { storageClassName: '' }),
      claim('no-class', { storageClassName: 'nope' }),
      claim('lost', { storageClassName: '', volumeName: 'gone' }),
      named('sts', claimed({ storageClassName: 'nope' })),
      pod('claimless', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'missing' } }] }),
    ],
  },
  {
    name: 'whose load balancers are refused',
    objects: [
      loadBalancer('scheme', { [`${aws}-type`]: 'external', [`${aws}-scheme`]: 'nonsense' }),
      loadBalancer('name', { [`${aws}-type`]: 'external', [`${aws}-name`]: 'no_such' }),
      loadBalancer('affinity', {}, { sessionAffinity: 'ClientIP' }),
    ],
  },
  {
    name: 'whose pods wait',
    objects: [
      pod('nowhere', { nodeSelector: { no: 'such' } }),
      pod('no-config', { volumes: [{ name: 'v', configMap: { name: 'missing' } }] }),
      pod('no-template', { resourceClaims: [{ name: 'r', resourceClaimTemplateName: 'missing' }] }),
      pod('gated', { schedulingGates: [{ name: 'a.b/c' }] }),
    ],
  },
])('A cluster $name writes nothing while nothing happens', async ({ objects }) => {
  const { cluster } = await autoscaled(objects);
  await cluster.runUntil(cluster.now + HOUR);
  const { offset } = cluster.state;
  await cluster.runUntil(cluster.now + 2 * HOUR);
  expect(cluster.changes.filter((change) => change.offset > offset).map(({ key, type }) => `${type} ${key}`)).toEqual([]);
});
