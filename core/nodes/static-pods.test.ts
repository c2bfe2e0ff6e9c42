import { expect, it } from 'vitest';
import { STATIC_PODS } from '../apis/core/node-agent.ts';
import type { Pod } from '../schema/generated/kinds.ts';
import type { Cluster } from '../testing/cluster.ts';
import { START } from '../testing/env.ts';
import { boundPod, eventLines, line, running } from '../testing/node-agents.ts';
import { configMap, namespace } from '../testing/objects.ts';

const MANIFEST =
  'apiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {app: web}}\nspec: {containers: [{name: main, image: nginx, resources: {requests: {cpu: 1}}}]}\n';

/** A cluster whose only node has these manifests. */
async function withManifests(data: Record<string, string>, ...more: Parameters<typeof running>[0]): Promise<Cluster> {
  const cluster = await running([configMap('manifests', { data }), ...more]);
  await annotate(cluster, 'default/manifests');
  return cluster;
}

async function annotate(cluster: Cluster, value: string | undefined) {
  await cluster.edit(cluster.list('nodes')[0]!, ({ metadata }) => {
    metadata.annotations = { ...metadata.annotations, ...(value !== undefined && { [STATIC_PODS]: value }) };
    if (value === undefined) delete metadata.annotations[STATIC_PODS];
  });
  await settled(cluster);
}

/** What an API server refuses, the agent is told of, and the test too. */
async function settled(cluster: Cluster) {
  const refused = await cluster.settle().then(
    () => false,
    () => true,
  );
  if (refused) await cluster.settle();
}

const write = async (cluster: Cluster, data: Record<string, string>) => {
  await cluster.put(configMap('manifests', { data }));
  await cluster.settle();
};

const names = (cluster: Cluster) => cluster.pods.map(({ metadata }) => metadata.name);

it('A manifest of a node becomes a pod there, which its mirror in the API shows', async () => {
  const cluster = await withManifests({ 'web.yaml': MANIFEST });
  await cluster.runUntil(START + 5_000);
  const pod = cluster.pod('web-node-1')!;
  const [node] = cluster.list('nodes');
  const hash = pod.metadata.annotations!['kubernetes.io/config.hash'];
  expect(hash).toMatch(/^[0-9a-f]{32}$/);
  expect(pod).toMatchObject({
    metadata: {
      namespace: 'default',
      labels: { app: 'web' },
      annotations: {
        'kubernetes.io/config.mirror': hash,
        'kubernetes.io/config.source': 'file',
        'kubernetes.io/config.seen': expect.stringMatching(/^2026-01-01T00:00:0\dZ$/),
      },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'node-1', uid: node!.metadata.uid, controller: true }],
    },
    spec: { nodeName: 'node-1', tolerations: [{ operator: 'Exists', effect: 'NoExecute' }], containers: [{ resources: { requests: { cpu: '1' } } }] },
  });
  expect(line(pod.status)).toBe('Running main=running+ready');
  expect(cluster.mutations.find(({ type, resource }) => type === 'create' && resource === 'pods')!.actor.username).toBe('system:node:node-1');
  // Nothing more is written while nothing differs.
  const { offset } = cluster.state;
  cluster.restart();
  await cluster.runUntil(START + 3_600_000);
  expect(cluster.state.offset).toBe(offset);
});

it('A mirror that a client deletes is made anew', async () => {
  const cluster = await withManifests({ 'web.yaml': MANIFEST });
  const before = cluster.pod('web-node-1')!;
  await cluster.delete(before);
  await cluster.settle();
  const after = cluster.pod('web-node-1')!;
  expect(after.metadata.uid).not.toBe(before.metadata.uid);
  expect([after.metadata.deletionTimestamp, after.metadata.annotations!['kubernetes.io/config.hash']]).toEqual([
    undefined,
    before.metadata.annotations!['kubernetes.io/config.hash'],
  ]);
});

it('Another manifest makes another pod, and none ends it', async () => {
  const cluster = await withManifests({ 'web.yaml': MANIFEST });
  const hash = (pod: Pod) => pod.metadata.annotations!['kubernetes.io/config.hash'];
  const before = cluster.pod('web-node-1')!;
  await write(cluster, {
    'web.yaml': MANIFEST.replace('nginx', 'httpd'),
    'other.json': '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"o"},"spec":{"containers":[{"name":"c","image":"i"}]}}',
  });
  expect(names(cluster).sort()).toEqual(['o-node-1', 'web-node-1']);
  expect(cluster.pod('web-node-1')!.spec!.containers[0]!.image).toBe('httpd');
  expect(hash(cluster.pod('web-node-1')!)).not.toBe(hash(before));
  await write(cluster, { 'web.yaml': MANIFEST });
  expect(names(cluster)).toEqual(['web-node-1']);
  await cluster.remove(configMap('manifests'));
  await cluster.settle();
  expect(names(cluster)).toEqual([]);
  await write(cluster, { 'web.yaml': MANIFEST });
  expect(names(cluster)).toEqual(['web-node-1']);
  await annotate(cluster, undefined);
  expect(names(cluster)).toEqual([]);
});

it.each([
  { name: 'no YAML', text: 'a: [', want: /^error converting YAML to JSON: yaml: / },
  { name: 'another kind', text: 'apiVersion: v1\nkind: ConfigMap', want: 'invalid pod: v1, Kind=ConfigMap' },
  { name: 'no name', text: MANIFEST.replace('name: web, ', ''), want: 'invalid pod: name is needed for the pod' },
  {
    name: 'a wrong type',
    text: MANIFEST.replace('containers:', 'hostNetwork: "x", containers:'),
    want: 'Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal string into Go struct field PodSpec.spec.hostNetwork of type bool',
  },
  { name: 'an account', text: MANIFEST.replace('containers:', 'serviceAccountName: x, containers:'), want: 'static pods may not reference serviceaccounts' },
  { name: 'a Secret', text: MANIFEST.replace('containers:', 'imagePullSecrets: [{name: x}], containers:'), want: 'static pods may not reference secrets' },
  {
    name: 'a claim',
    text: MANIFEST.replace('containers:', 'volumes: [{name: v, persistentVolumeClaim: {claimName: x}}], containers:'),
    want: 'static pods may not reference persistentvolumeclaims',
  },
  { name: 'an invalid pod', text: MANIFEST.replace('name: main', 'name: Main'), want: /^Pod "web-node-1" is invalid: spec\.containers\[0\]\.name: / },
  { name: 'a namespace that is missing', text: MANIFEST.replace('name: web', 'name: web, namespace: missing'), want: 'namespaces "missing" not found' },
])('A manifest with $name makes no pod, and its node says why, once', async ({ text, want }) => {
  const cluster = await withManifests({ 'web.yaml': text });
  expect(names(cluster)).toEqual([]);
  const told = () => eventLines(cluster).filter((event) => event.includes('InvalidStaticPod'));
  const prefix = 'Warning InvalidStaticPod web.yaml: ';
  expect(told()).toEqual([expect.stringContaining(prefix)]);
  if (typeof want === 'string') expect(told()[0]!.slice(prefix.length)).toBe(want);
  else expect(told()[0]!.slice(prefix.length)).toMatch(want);
  await annotate(cluster, 'default/manifests');
  cluster.restart();
  await settled(cluster);
  expect(told()).toHaveLength(1);
});

it('A pod whose namespace was missing comes with it', async () => {
  const cluster = await withManifests({ 'web.yaml': MANIFEST.replace('name: web', 'name: web, namespace: late') });
  await cluster.put(namespace('late'));
  await cluster.settle();
  expect(names(cluster)).toEqual(['web-node-1']);
});

it('The containers of a mirror that is made anew start anew', async () => {
  const cluster = await withManifests({ 'web.yaml': MANIFEST });
  await cluster.runUntil(START + 60_000);
  const started = () => cluster.pod('web-node-1')!.status!.containerStatuses![0]!.state!.running!.startedAt;
  const before = started();
  await cluster.delete(cluster.pod('web-node-1')!, { gracePeriodSeconds: 0 });
  await cluster.runUntil(START + 120_000);
  expect(started()! > before!).toBe(true);
});

it('A mirror that a client creates is a pod like others, unless it is said to be of a file, as those of manifests are', async () => {
  const cluster = await withManifests({});
  const mirror = (name: string, annotations: object) => boundPod({ name, metadata: { annotations: { 'kubernetes.io/config.mirror': 'x', ...annotations } } });
  await cluster.put(mirror('alone', {}), mirror('filed', { 'kubernetes.io/config.source': 'file' }));
  await cluster.runUntil(START + 60_000);
  expect(names(cluster)).toEqual(['alone']);
  expect(line(cluster.pod('alone')!.status)).toBe('Running main=running+ready');
});
