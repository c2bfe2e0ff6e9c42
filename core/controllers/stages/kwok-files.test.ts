import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../kube/object.ts';
import type { Node } from '../../schema/generated/kinds.ts';
import type { Cluster } from '../../testing/cluster.ts';
import { START } from '../../testing/env.ts';
import { line } from '../../testing/node-agents.ts';
import { job, pod } from '../../testing/objects.ts';
import { clusterWithStages } from '../../testing/stages.ts';

/**
 * The Stages that KWOK publishes, as they are (kubernetes-sigs/kwok, `kustomize/stage`, Apache License 2.0): a file of `testdata/kwok` holds those of a folder there.
 */
const stagesOf = (folder: string) =>
  parseAllDocuments(readFileSync(path.join(import.meta.dirname, 'testdata/kwok', `${folder}.yaml`), 'utf8')).map((document) => document.toJS() as KubeObject);

/** A node as KWOK's pages have their readers apply it. */
const kwokNode = parse(`
apiVersion: v1
kind: Node
metadata:
  annotations: {node.alpha.kubernetes.io/ttl: "0", kwok.x-k8s.io/node: fake}
  labels: {kubernetes.io/hostname: kwok-node-0, kubernetes.io/os: linux, type: kwok}
  name: kwok-node-0
spec: {taints: [{effect: NoSchedule, key: kwok.x-k8s.io/node, value: fake}]}
status:
  allocatable: {cpu: '32', memory: 256Gi, pods: '110'}
  capacity: {cpu: '32', memory: 256Gi, pods: '110'}
  nodeInfo: {architecture: amd64, kubeletVersion: fake, operatingSystem: linux}
  phase: Running
`) as Node;

const readyOf = (cluster: Cluster) => cluster.get(kwokNode).status!.conditions!.find(({ type }) => type === 'Ready')!;
const notUnderstood = (cluster: Cluster) => cluster.list('events').filter(({ reason }) => reason === 'InvalidStage');

/** What a pod came to in turn, as its statuses tell it. */
const lives = (cluster: Cluster, name: string) =>
  cluster.changes
    .filter(({ key }) => key === `pods/default/${name}`)
    .map(({ type, object }) => (type === 'DELETED' ? 'deleted' : line((object as ReturnType<typeof pod>).status)))
    .filter((each, i, all) => each !== all[i - 1]);

describe("KWOK's Stages of nodes", () => {
  it.each(['node-fast', 'node-heartbeat', 'node-heartbeat-with-lease', 'node-chaos', 'pod-fast', 'pod-general', 'pod-chaos'])(
    'of the folder %s are understood',
    async (folder) => {
      const cluster = await clusterWithStages(...stagesOf(folder));
      await cluster.settle();
      expect(notUnderstood(cluster)).toEqual([]);
    },
  );

  it('make a node one that works', async () => {
    const cluster = await clusterWithStages(...stagesOf('node-fast'), kwokNode);
    await cluster.settle();
    expect(readyOf(cluster)).toMatchObject({ status: 'True', reason: 'KubeletReady' });
    const { status } = cluster.get(kwokNode);
    expect(status).toMatchObject({ phase: 'Running', allocatable: { cpu: '32' }, nodeInfo: { architecture: 'amd64', operatingSystem: 'linux' } });
  });

  it.each([
    { folder: 'node-heartbeat', from: 20, to: 25 },
    { folder: 'node-heartbeat-with-lease', from: 600, to: 610 },
  ])('of $folder write a heartbeat every $from to $to seconds', async ({ folder, from, to }) => {
    const cluster = await clusterWithStages(...stagesOf(folder), kwokNode);
    await cluster.runUntil(START + 10 * to * 1000);
    const beats = cluster.changes
      .filter(({ key }) => key === 'nodes//kwok-node-0')
      .map(({ object }) => Date.parse((object as Node).status?.conditions?.find(({ type }) => type === 'Ready')?.lastHeartbeatTime ?? '') / 1000)
      .filter((time, i, all) => !Number.isNaN(time) && time !== all[i - 1]);
    const gaps = beats.slice(1).map((time, i) => time - beats[i]!);
    expect(gaps.length).toBeGreaterThanOrEqual(8);
    for (const gap of gaps) expect([gap >= from, gap <= to + 1]).toEqual([true, true]);
  });

  it('fail it while it has their label, and bring it back', async () => {
    const cluster = await clusterWithStages(...stagesOf('node-chaos'), kwokNode);
    await cluster.settle();
    await cluster.edit(kwokNode, ({ metadata }) => {
      metadata.labels = { ...metadata.labels, 'node-not-ready.stage.kwok.x-k8s.io': 'true' };
      metadata.annotations = { ...metadata.annotations, 'node-not-ready.stage.kwok.x-k8s.io/type': 'DiskPressure' };
    });
    await cluster.runUntil(cluster.now + 5_000);
    expect(readyOf(cluster)).toMatchObject({ status: 'False', reason: 'nodeFailed', message: 'node failed' });
    expect(cluster.get(kwokNode).status!.conditions!.find(({ type }) => type === 'DiskPressure')).toMatchObject({ status: 'True', reason: 'nodeFailed' });
    await cluster.edit(kwokNode, ({ metadata }) => {
      metadata.labels = { type: 'kwok' };
    });
    await cluster.runUntil(cluster.now + 25_000);
    expect(readyOf(cluster)).toMatchObject({ status: 'True', reason: 'KubeletReady' });
    expect(cluster.get(kwokNode).spec!.taints!.map(({ key }) => key)).toEqual(['kwok.x-k8s.io/node']);
  });
});

describe("KWOK's Stages of pods", () => {
  const container = (name: string) => ({ name, image: 'busybox' });
  const template = { spec: { nodeName: 'node-1', restartPolicy: 'Never', containers: [container('main')] } };

  it('of pod/fast run a pod at once, complete those of Jobs, and delete them with their finalizers', async () => {
    const cluster = await clusterWithStages(
      ...stagesOf('pod-fast'),
      pod('p', {
        nodeName: 'node-1',
        initContainers: [container('init'), { ...container('side'), restartPolicy: 'Always' }],
        metadata: { finalizers: ['a.b/c'] },
      }),
      job({ template }),
    );
    await cluster.settle();
    expect(line(cluster.pod('p')!.status)).toBe('Running init=Completed(0)+ready side=running+ready main=running+ready');
    expect(cluster.list('jobs.batch').map(({ status }) => status!.succeeded)).toEqual([1]);
    await cluster.delete(pod('p'));
    await cluster.settle();
    expect(cluster.pod('p')).toBeUndefined();
  });

  it('of pod/general take a pod through its life', async () => {
    const cluster = await clusterWithStages(
      ...stagesOf('pod-general'),
      pod('p', { nodeName: 'node-1' }),
      pod('i', { nodeName: 'node-1', initContainers: [container('init')], metadata: { finalizers: ['kwok.x-k8s.io/fake'] } }),
      job({ template }),
    );
    await cluster.runUntil(START + 60_000);
    expect(lives(cluster, 'p')).toEqual(['Pending', 'Pending main=ContainerCreating', 'Running main=running+ready']);
    expect(lives(cluster, 'i')).toEqual([
      'Pending',
      'Pending init=PodInitializing main=PodInitializing',
      'Pending init=running+ready main=PodInitializing',
      'Pending init=Completed(0)+ready main=ContainerCreating',
      'Running init=Completed(0)+ready main=running+ready',
    ]);
    expect(cluster.list('jobs.batch').map(({ status }) => status!.succeeded)).toEqual([1]);
    for (const name of ['p', 'i']) await cluster.delete(pod(name));
    await cluster.runUntil(cluster.now + 60_000);
    expect([cluster.pod('p'), cluster.pod('i')]).toEqual([undefined, undefined]);
    expect(cluster.list('events').map(({ reason, message }) => `${reason}: ${message}`)).toEqual(
      expect.arrayContaining(['Killing: Stopping container: main', 'Killing: Stopping container']),
    );
  });

  it('of pod/general fail a container as its annotations say, and start it again', async () => {
    const annotations = {
      'pod-container-failed.stage.kwok.x-k8s.io/name': 'main',
      'pod-container-failed.stage.kwok.x-k8s.io/exit-code': '137',
      'pod-container-failed.stage.kwok.x-k8s.io/reason': 'OOMKilled',
    };
    const cluster = await clusterWithStages(...stagesOf('pod-general'), pod('p', { nodeName: 'node-1', metadata: { annotations } }));
    await cluster.runUntil(START + 60_000);
    expect(lives(cluster, 'p')).toEqual(expect.arrayContaining(['Running main=OOMKilled(137)', 'Running main=running x1']));
    expect(cluster.messages(pod('p'))).toContain('BackOff: Back-off restarting failed container');
  });

  it('of pod/chaos fail what pod/fast has run, once it has their label', async () => {
    const cluster = await clusterWithStages(
      ...stagesOf('pod-fast'),
      ...stagesOf('pod-chaos'),
      pod('p', {
        nodeName: 'node-1',
        labels: { 'pod-container-running-failed.stage.kwok.x-k8s.io': 'true' },
        metadata: { annotations: { 'pod-container-running-failed.stage.kwok.x-k8s.io/exit-code': '3' } },
      }),
    );
    await cluster.runUntil(START + 10_000);
    expect(lives(cluster, 'p')).toEqual(['Pending', 'Running main=running+ready', 'Failed main=containerFailed(3)']);
  });

  it.each(['pod-fast', 'pod-general'])('of %s write nothing once all is done', async (folder) => {
    const cluster = await clusterWithStages(...stagesOf(folder), kwokNode, pod('p', { nodeName: 'node-1' }), job({ template }));
    await cluster.runUntil(START + 120_000);
    const { offset } = cluster.state;
    await cluster.runUntil(START + 3_600_000);
    expect(cluster.state.offset).toBe(offset);
  });
});
