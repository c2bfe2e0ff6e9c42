import { describe, expect, it } from 'vitest';
import type { DaemonSet, Node, Pod } from '../../schema/generated/kinds.ts';
import type { Cluster } from '../../testing/cluster.ts';
import { controlled } from '../../testing/controllers.ts';
import { end, ready, reap } from '../../testing/kubelet.ts';
import { daemonSet, node, template } from '../../testing/objects.ts';
import { nodeOf } from './daemon-pod.ts';
import { fitOf } from './node-fit.ts';

const nodes = (count: number): Node[] => Array.from({ length: count }, (_, i) => node(`node-${i + 1}`));

async function start(spec: object = {}, on: Node[] = nodes(3)): Promise<{ cluster: Cluster; web: DaemonSet }> {
  const cluster = await controlled(...on);
  const web = await cluster.create(daemonSet(spec));
  await cluster.settle();
  return { cluster, web };
}

async function started(spec: object = {}, on?: Node[]): Promise<{ cluster: Cluster; web: DaemonSet }> {
  const { cluster, web } = await start(spec, on);
  await ready(cluster, ...waiting(cluster));
  return { cluster, web };
}

const waiting = (cluster: Cluster): Pod[] => cluster.pods.filter(({ status, metadata }) => status!.phase === 'Pending' && !metadata.deletionTimestamp);

const dying = (cluster: Cluster): Pod[] => cluster.pods.filter(({ metadata }) => metadata.deletionTimestamp);

const places = (pods: readonly Pod[]) => pods.map(nodeOf).sort();

/** `['node-1 nginx:1', …]` */
const running = (cluster: Cluster) => cluster.pods.map((pod) => `${nodeOf(pod)} ${pod.spec!.containers[0]!.image}`).sort();

const setImage = async (cluster: Cluster, web: DaemonSet, image: string) => {
  await cluster.edit(web, ({ spec }) => {
    spec!.template.spec!.containers[0]!.image = image;
  });
  await cluster.settle();
};

describe('where the pods of a DaemonSet belong', () => {
  const taint = (effect: string, key = 'dedicated') => ({ taints: [{ key, value: 'db', effect }] });
  const required = (...terms: object[]) => ({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } } });
  const cases: { name: string; spec?: object; on: Node; want: [shouldRun: boolean, mayStay: boolean] }[] = [
    { name: 'any node', on: node('a'), want: [true, true] },
    { name: 'a node that its selector selects', spec: { nodeSelector: { disk: 'ssd' } }, on: node('a', { labels: { disk: 'ssd' } }), want: [true, true] },
    { name: 'no other node', spec: { nodeSelector: { disk: 'ssd' } }, on: node('a'), want: [false, false] },
    {
      name: 'a node by affinity',
      spec: required({ matchExpressions: [{ key: 'disk', operator: 'Exists' }] }),
      on: node('a', { labels: { disk: 'ssd' } }),
      want: [true, true],
    },
    {
      name: 'no node that affinity excludes',
      spec: required({ matchFields: [{ key: 'metadata.name', operator: 'NotIn', values: ['a'] }] }),
      on: node('a'),
      want: [false, false],
    },
    { name: 'the node that the template names', spec: { nodeName: 'b' }, on: node('a'), want: [false, false] },
    { name: 'a node with a taint, to stay there', on: node('a', taint('NoSchedule')), want: [false, true] },
    { name: 'no node whose taint evicts', on: node('a', taint('NoExecute')), want: [false, false] },
    {
      name: 'a node whose taint it tolerates',
      spec: { tolerations: [{ key: 'dedicated', value: 'db' }] },
      on: node('a', taint('NoExecute')),
      want: [true, true],
    },
    { name: 'a node that had better be avoided', on: node('a', taint('PreferNoSchedule')), want: [true, true] },
    { name: 'a cordoned node', on: node('a', taint('NoSchedule', 'node.kubernetes.io/unschedulable')), want: [true, true] },
    { name: 'a node that is not ready', on: node('a', taint('NoExecute', 'node.kubernetes.io/not-ready')), want: [true, true] },
  ];
  it.each(cases)('$name', ({ spec, on, want: [shouldRun, mayStay] }) => {
    expect(fitOf(daemonSet({ template: template('nginx:1', spec) }), on)).toEqual({ shouldRun, mayStay });
  });
});

describe('the pods of a DaemonSet', () => {
  it('are one for each node, and may only go there', async () => {
    const { cluster, web } = await start();
    expect(places(cluster.pods)).toEqual(['node-1', 'node-2', 'node-3']);
    const hash = cluster.list('controllerrevisions.apps')[0]!.metadata.labels!['controller-revision-hash'];
    const [pod] = cluster.pods;
    expect(pod!.metadata.labels).toMatchObject({ app: 'web', 'controller-revision-hash': hash });
    expect(pod!.spec!.affinity!.nodeAffinity).toEqual({
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [nodeOf(pod!)] }] }],
      },
    });
    expect(pod!.spec!.tolerations).toContainEqual({ key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' });
    expect(cluster.get(web).status).toEqual({
      currentNumberScheduled: 3,
      desiredNumberScheduled: 3,
      numberMisscheduled: 0,
      numberReady: 0,
      numberUnavailable: 3,
      updatedNumberScheduled: 3,
      observedGeneration: 1,
    });
  });

  it('are counted when they are ready', async () => {
    const { cluster, web } = await started({ minReadySeconds: 5 });
    expect(cluster.get(web).status).toMatchObject({ numberReady: 3, numberUnavailable: 3 });
    expect(await cluster.wait()).toBe(5);
    expect(cluster.get(web).status).toMatchObject({ numberReady: 3, numberAvailable: 3 });
  });

  it('follow the nodes as they come and change', async () => {
    const { cluster, web } = await started({ template: template('nginx:1', { nodeSelector: { disk: 'ssd' } }) }, [
      node('node-1', { labels: { disk: 'ssd' } }),
      node('node-2'),
    ]);
    expect(places(cluster.pods)).toEqual(['node-1']);
    await cluster.edit(node('node-2'), ({ metadata }) => {
      metadata.labels = { disk: 'ssd' };
    });
    await cluster.settle();
    expect(places(cluster.pods)).toEqual(['node-1', 'node-2']);
    await cluster.edit(node('node-1'), ({ metadata }) => {
      metadata.labels = {};
    });
    await cluster.settle();
    expect(places(dying(cluster))).toEqual(['node-1']);
    expect(cluster.get(web).status).toMatchObject({ desiredNumberScheduled: 1, numberMisscheduled: 1 });
  });

  it('are replaced when they have failed, and the user is told', async () => {
    const { cluster, web } = await started();
    const [pod] = cluster.pods;
    await end(cluster, 'Failed', [pod!]);
    expect(cluster.messages(web)).toContainEqual(
      `FailedDaemonPod: Found failed daemon pod default/${pod!.metadata.name} on node ${nodeOf(pod!)}, will try to kill it`,
    );
    expect(places(cluster.pods)).toEqual(['node-1', 'node-2', 'node-3']);
    expect(cluster.pods.map(({ metadata }) => metadata.name)).not.toContain(pod!.metadata.name);
  });
});

describe('an update of a DaemonSet', () => {
  it('replaces as many at a time as may be missing', async () => {
    const { cluster, web } = await started({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 2 } } });
    await setImage(cluster, web, 'nginx:2');
    expect(dying(cluster)).toHaveLength(2);
    await reap(cluster);
    expect(dying(cluster)).toHaveLength(0);
    expect(waiting(cluster)).toHaveLength(2);
    await ready(cluster, waiting(cluster)[0]!);
    expect(dying(cluster)).toHaveLength(1);
    await reap(cluster);
    await ready(cluster, ...waiting(cluster));
    expect(running(cluster)).toEqual(['node-1 nginx:2', 'node-2 nginx:2', 'node-3 nginx:2']);
    expect(cluster.get(web).status).toMatchObject({ updatedNumberScheduled: 3, numberAvailable: 3, observedGeneration: 2 });
  });

  it('replaces one at a time when a percentage rounds to none', async () => {
    const { cluster, web } = await started({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '1%' } } });
    await setImage(cluster, web, 'nginx:2');
    expect(dying(cluster)).toHaveLength(1);
  });

  it('replaces old pods that are not available at once', async () => {
    const { cluster, web } = await start();
    await ready(cluster, cluster.pods[0]!);
    await setImage(cluster, web, 'nginx:2');
    expect(running(cluster).filter((text) => text.endsWith('nginx:1'))).toHaveLength(1);
  });

  it('starts the new pod beside the old one with maxSurge', async () => {
    const { cluster, web } = await started({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } });
    await setImage(cluster, web, 'nginx:2');
    expect(cluster.pods).toHaveLength(4);
    expect(dying(cluster)).toHaveLength(0);
    for (let i = 0; i < 3; i++) {
      expect(waiting(cluster)).toHaveLength(1);
      await ready(cluster, ...waiting(cluster));
      expect(dying(cluster)).toHaveLength(1);
      await reap(cluster);
    }
    expect(running(cluster)).toEqual(['node-1 nginx:2', 'node-2 nginx:2', 'node-3 nginx:2']);
  });

  it('waits for the user to delete pods with OnDelete', async () => {
    const { cluster, web } = await started({ updateStrategy: { type: 'OnDelete' } });
    await setImage(cluster, web, 'nginx:2');
    expect(dying(cluster)).toHaveLength(0);
    expect(cluster.get(web).status).not.toHaveProperty('updatedNumberScheduled');
    await cluster.delete(cluster.pods[0]!);
    await cluster.settle();
    await reap(cluster);
    expect(running(cluster).filter((text) => text.endsWith('nginx:2'))).toHaveLength(1);
  });
});
