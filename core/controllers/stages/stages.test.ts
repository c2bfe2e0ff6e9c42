import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { KubeObject } from '../../kube/object.ts';
import { NEXT_STAGE, STAGE } from '../../stages/stages.ts';
import { START } from '../../testing/env.ts';
import { line } from '../../testing/node-agents.ts';
import { configMap, node, pod } from '../../testing/objects.ts';
import { clusterWithStages } from '../../testing/stages.ts';

const stage = (name: string, spec: string): KubeObject => ({
  apiVersion: 'kwok.x-k8s.io/v1alpha1',
  kind: 'Stage',
  metadata: { name },
  ...({ spec: parse(spec) } as object),
});

/** As in KWOK's folder `stage/pod/fast`, in the form of before. */
const ready = stage(
  'pod-ready',
  `
resourceRef: {apiGroup: v1, kind: Pod}
selector:
  matchExpressions:
  - {key: .metadata.deletionTimestamp, operator: DoesNotExist}
  - {key: .status.podIP, operator: DoesNotExist}
next:
  statusTemplate: |
    {{ $now := Now }}
    conditions:
    - {lastTransitionTime: {{ $now | Quote }}, status: "True", type: Ready}
    {{ range .spec.readinessGates }}
    - {lastTransitionTime: {{ $now | Quote }}, status: "True", type: {{ .conditionType | Quote }}}
    {{ end }}
    containerStatuses:
    {{ range .spec.containers }}
    - image: {{ .image | Quote }}
      name: {{ .name | Quote }}
      ready: true
      restartCount: 0
      state: {running: {startedAt: {{ $now | Quote }}}}
    {{ end }}
    hostIP: {{ NodeIPWith .spec.nodeName | Quote }}
    podIP: {{ PodIPWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) ( or .metadata.name "" ) | Quote }}
    phase: Running
    startTime: {{ $now | Quote }}
`,
);

/** As in `stage/pod/general`, in the form of today. */
const removal = stage(
  'pod-delete',
  `
resourceRef: {apiGroup: v1, kind: Pod}
selector:
  matchExpressions:
  - jq: {key: .metadata.deletionTimestamp, operator: Exists}
  - jq: {key: .metadata.finalizers, operator: DoesNotExist}
delay:
  durationMilliseconds: 1000
  durationFrom: {jq: {expression: '.metadata.annotations["pod-delete.stage.kwok.x-k8s.io/delay"]'}}
  jitterDurationFrom: {jq: {expression: .metadata.deletionTimestamp}}
steps:
- event: {type: Normal, reason: Killing, message: 'Stopping container: {{ ( index .spec.containers 0 ).name }}'}
- delete: true
`,
);

/** As in \`stage/pod/chaos\`. */
const failure = stage(
  'pod-container-running-failed',
  `
resourceRef: {apiGroup: v1, kind: Pod}
selector:
  matchLabels: {fails: 'true'}
  matchExpressions:
  - {key: .status.phase, operator: In, values: [Running]}
  - {key: '.status.conditions.[] | select( .type == "Ready" ) | .status', operator: In, values: ['True']}
weight: 10000
delay:
  durationMilliseconds: 1000
  durationFrom: {expressionFrom: '.metadata.annotations["delay"]'}
next:
  statusTemplate: |
    {{ $annotations := or .metadata.annotations dict }}
    {{ $code := or ( index $annotations "exit-code" ) 1 }}
    containerStatuses:
    {{ range $index, $item := .spec.containers }}
    - {image: {{ $item.image | Quote }}, name: {{ $item.name | Quote }}, ready: false, restartCount: 0, state: {terminated: {exitCode: {{ $code }}, reason: failed}}}
    {{ end }}
    phase: Failed
`,
);

describe('a Stage of pods', () => {
  it('takes a new pod over from its kubelet, and keeps it', async () => {
    const cluster = await clusterWithStages(ready, pod('p', { nodeName: 'node-1', container: { command: ['sleep', '5'] } }), pod('q', { nodeName: 'node-1' }));
    await cluster.runUntil(START + 60_000);
    expect(cluster.pods.map(({ metadata, status }) => [metadata.annotations![STAGE], line(status)])).toEqual([
      ['pod-ready', 'Running main=running+ready'],
      ['pod-ready', 'Running main=running+ready'],
    ]);
    expect(new Set(cluster.pods.map(({ status }) => status!.podIP)).size).toBe(2);
    await cluster.delete(pod('p'));
    await cluster.runUntil(cluster.now + 60_000);
    expect(cluster.pods.map(({ metadata }) => metadata.name)).toEqual(['q']);
  });

  it('says which comes next and when, and comes to it after a process has begun anew', async () => {
    const cluster = await clusterWithStages(
      failure,
      pod('p', { nodeName: 'node-1', labels: { fails: 'true' }, metadata: { annotations: { delay: '30s', 'exit-code': '3' } } }),
    );
    await cluster.runUntil(START + 10_000);
    const { annotations } = cluster.pod('p')!.metadata;
    expect(annotations![NEXT_STAGE]).toMatch(/^pod-container-running-failed 2026-01-01T00:00:3\d/);
    cluster.restart();
    await cluster.runUntil(START + 60_000);
    expect(line(cluster.pod('p')!.status)).toBe('Failed main=failed(3)');
    expect(cluster.pod('p')!.metadata.annotations).toMatchObject({ [STAGE]: 'pod-container-running-failed' });
    expect(cluster.pod('p')!.metadata.annotations).not.toHaveProperty([NEXT_STAGE]);
  });

  it('deletes, with an event, between a second and the end of the grace period', async () => {
    const cluster = await clusterWithStages(removal, pod('p', { nodeName: 'node-1' }));
    await cluster.runUntil(START + 10_000);
    await cluster.delete(pod('p'));
    const waited = await cluster.settle().then(() => cluster.wait());
    expect(waited).toBeGreaterThanOrEqual(1);
    expect(waited).toBeLessThanOrEqual(30);
    expect(cluster.pods).toEqual([]);
    expect(cluster.list('events').map(({ reason, message }) => `${reason}: ${message}`)).toContain('Killing: Stopping container: main');
  });

  it('leaves pods of other kubelets alone', async () => {
    const cluster = await clusterWithStages(ready, node('other', { providerID: 'other://x' }), pod('p', { nodeName: 'other' }));
    await cluster.settle();
    expect(cluster.pod('p')!.status!.phase).toBe('Pending');
  });
});

it('A Stage moves objects of any kind, by a merge patch too', async () => {
  const cluster = await clusterWithStages(
    stage(
      'fill',
      "{resourceRef: {kind: ConfigMap}, selector: {matchLabels: {a: b}}, next: {patches: [{type: merge, template: 'data: {name: {{ .metadata.name | Quote }}}'}]}}",
    ),
    configMap('one', { labels: { a: 'b' } }),
    configMap('two'),
  );
  await cluster.settle();
  expect(['one', 'two'].map((name) => cluster.get(configMap(name)).data)).toEqual([{ name: 'one' }, undefined]);
});

it.each([
  { by: 'no selector', selector: undefined, want: [] },
  { by: 'a field that is there', selector: '{matchExpressions: [{key: .data.n, operator: Exists}]}', want: ['a', 'b'] },
  { by: 'annotations', selector: '{matchAnnotations: {x: y}}', want: ['b'] },
  { by: 'jq', selector: '{matchExpressions: [{jq: {key: .data.n, operator: In, values: ["2"]}}]}', want: ['b'] },
  { by: 'CEL', selector: `{matchExpressions: [{expression: "self.data['n'] == '1'"}]}`, want: ['a'] },
  { by: 'CEL that fails for what lacks a field', selector: `{matchExpressions: [{cel: {expression: "self.metadata.annotations['x'] == 'y'"}}]}`, want: ['b'] },
])('Stages select by $by', async ({ selector, want }) => {
  const done = 'next: {patches: [{type: json, root: data, template: \'[{op: add, path: /done, value: "1"}]\'}]}';
  const cluster = await clusterWithStages(
    stage('s', `{resourceRef: {kind: ConfigMap}, ${selector ? `selector: ${selector}, ` : ''}${done}}`),
    configMap('a', { data: { n: '1' } }),
    configMap('b', { data: { n: '2' }, metadata: { name: 'b', annotations: { x: 'y' } } }),
  );
  await cluster.settle();
  expect(['a', 'b'].filter((name) => cluster.get(configMap(name)).data!['done'])).toEqual(want);
});

it('Of Stages that select the same, chance decides by their weights', async () => {
  const of = (name: string, weight: number) =>
    stage(
      name,
      `{resourceRef: {kind: ConfigMap}, weight: ${weight}, selector: {matchExpressions: [{key: .data, operator: DoesNotExist}]}, next: {patches: [{template: 'data: {by: ${name}}'}]}}`,
    );
  const cluster = await clusterWithStages(of('rare', 1), of('often', 9), ...Array.from({ length: 100 }, (_, i) => configMap(`c-${i}`)));
  await cluster.settle();
  const by = Map.groupBy(
    cluster.list('configmaps').filter(({ metadata }) => metadata.name.startsWith('c-')),
    ({ data }) => data!['by'],
  );
  expect([...by.keys()].toSorted()).toEqual(['often', 'rare']);
  expect(by.get('often')!.length).toBeGreaterThan(70);
});

it("KWOK's node stages find its nodes", async () => {
  const notReady = stage(
    'node-not-ready',
    `
resourceRef: {apiGroup: v1, kind: Node}
selector:
  matchExpressions:
  - {key: '.metadata.labels["node-not-ready.stage.kwok.x-k8s.io"]', operator: In, values: ['true']}
  - {key: .status.phase, operator: In, values: [Running]}
next:
  statusTemplate: |
    conditions:
    {{ range NodeConditions }}
    {{ if eq .type "Ready" }}
    - {type: {{ .type | Quote }}, status: "False", reason: nodeFailed}
    {{ else }}
    - {type: {{ .type | Quote }}, status: {{ .status | Quote }}, reason: {{ .reason | Quote }}}
    {{ end }}
    {{ end }}
`,
  );
  const kwok = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'kwok-0', annotations: { 'kwok.x-k8s.io/node': 'fake' } } };
  const cluster = await clusterWithStages(notReady, kwok);
  await cluster.settle();
  expect(cluster.state.get('nodes', undefined, 'kwok-0')!.status!.conditions!.at(-1)).toMatchObject({ type: 'Ready', status: 'True' });
  await cluster.edit(kwok as KubeObject, ({ metadata }) => {
    metadata.labels = { ...metadata.labels, 'node-not-ready.stage.kwok.x-k8s.io': 'true' };
  });
  await cluster.settle();
  const { status, spec } = cluster.state.get('nodes', undefined, 'kwok-0')!;
  expect(status!.conditions!.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'False', reason: 'nodeFailed' });
  expect(spec!.taints!.map(({ key }) => key)).toContain('node.kubernetes.io/not-ready');
});

it.each([
  {
    name: 'CEL that is none',
    spec: "{resourceRef: {kind: Pod}, selector: {matchExpressions: [{expression: 'other'}]}}",
    want: "ERROR: <input>:1:1: undeclared reference to 'other' (in container '')\n | other\n | ^",
  },
  {
    name: 'other jq',
    spec: "{resourceRef: {kind: Pod}, selector: {matchExpressions: [{key: 'map(.a)', operator: Exists}]}}",
    want: '"map(.a)" is not understood',
  },
  { name: 'a template that is none', spec: "{resourceRef: {kind: Pod}, next: {statusTemplate: '{{ if }'}}", want: 'unclosed action' },
])('A Stage with $name is told that it is not understood, once', async ({ spec, want }) => {
  const cluster = await clusterWithStages(stage('bad', spec));
  await cluster.settle();
  cluster.restart();
  await cluster.settle();
  expect(cluster.list('events').map(({ reason, message, count }) => [reason, message, count])).toContainEqual(['InvalidStage', `Stage bad: ${want}`, 1]);
});

it('A Stage whose template asks for what is not there says so, and the cluster comes to rest', async () => {
  const cluster = await clusterWithStages(
    stage('bad', "{resourceRef: {kind: ConfigMap}, selector: {}, next: {patches: [{template: '{{ Unheard }}'}]}}"),
    configMap('one'),
  );
  await cluster.settle();
  expect(cluster.list('events').map(({ message }) => message)).toContain('Stage bad: function "Unheard" not defined');
});
