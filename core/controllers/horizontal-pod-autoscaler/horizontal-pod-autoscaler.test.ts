import { describe, expect, it } from 'vitest';
import type { ConfigMap, CustomResourceDefinition, HorizontalPodAutoscaler } from '../../schema/generated/kinds.ts';
import { ALL_METRICS, autoscaled, autoscaler, web } from '../../testing/autoscaling.ts';
import { configMap } from '../../testing/objects.ts';
import { validating } from '../../testing/policies.ts';
import { RECENT } from './recent.ts';

const LOAD = 'load.logplane.dev/cpu';

describe('a workload under load', () => {
  it('grows until its pods share the load, and shrinks when it has been less for five minutes', async () => {
    const { cluster, replicas, status, minutes } = await autoscaled([web({ [LOAD]: '10m=100m, 11m=2, 30m=2, 31m=250m' }), autoscaler()]);
    await minutes(9);
    expect(replicas()).toBe(1);
    await minutes(16);
    expect(replicas()).toBe(8);
    expect(status()).toMatchObject({ currentReplicas: 8, desiredReplicas: 8 });
    await minutes(8);
    expect(replicas()).toBe(8);
    await minutes(10);
    expect(replicas()).toBe(1);
    const sizes = cluster.messages(autoscaler()).map((message) => message.replace('cpu resource utilization (percentage of request)', 'cpu'));
    expect(sizes).toEqual([
      ...[4, 8].map((size) => `SuccessfulRescale: New size: ${size}; reason: cpu above target`),
      'SuccessfulRescale: New size: 1; reason: All metrics below target',
    ]);
  });

  it('is looked at no more when nothing can come out different, and nothing is written then', async () => {
    const { cluster, minutes } = await autoscaled([web({ [LOAD]: '250m' }), autoscaler()]);
    await minutes(20);
    const { offset } = cluster.state;
    const passes = cluster.passes.length;
    await minutes(600);
    expect([cluster.state.offset, cluster.passes.length]).toEqual([offset, passes]);
  });

  it('says once that its scale is refused, and scales when it is not any more', async () => {
    const { cluster, replicas, status, conditions, minutes } = await autoscaled([web({ [LOAD]: '2' }), autoscaler()]);
    const [policy, binding] = validating('small', {
      matchConstraints: {
        resourceRules: [{ operations: ['UPDATE'], apiGroups: ['apps'], apiVersions: ['*'], resources: ['deployments', 'deployments/scale'] }],
      },
      validations: [{ expression: 'object.spec.replicas < 2', message: 'too many' }],
    });
    await cluster.put(policy!, binding!);
    await minutes(10);
    const why = /denied request: too many$/;
    expect(replicas()).toBe(1);
    expect(status()).toMatchObject({ currentReplicas: 1, desiredReplicas: 0 });
    expect(conditions()).toContain('AbleToScale False FailedUpdateScale');
    expect(cluster.messages(autoscaler())).toEqual([expect.stringMatching(why)]);
    expect(cluster.messages(autoscaler())[0]).toMatch(
      /^FailedRescale: New size: 4; reason: cpu resource utilization \(percentage of request\) above target; error: /,
    );
    const { offset } = cluster.state;
    await minutes(30);
    expect(cluster.state.offset).toBe(offset);
    await cluster.remove(binding!);
    await minutes(5);
    expect(replicas()).toBe(8);
    expect(conditions()).toContain('AbleToScale True ReadyForNewScale');
  });

  it('comes to the same when another process takes over at every step', async () => {
    const objects = [web({ [LOAD]: '1m=100m, 2m=2, 10m=2, 11m=250m' }), autoscaler()];
    const [one, other] = [await autoscaled(objects), await autoscaled(objects)];
    for (let minute = 0; minute < 20; minute++) {
      await one.minutes(1);
      await other.minutes(1);
      other.cluster.restart();
      await other.cluster.settle();
      expect([minute, other.replicas()]).toEqual([minute, one.replicas()]);
    }
  });

  it('changes as fast as its rules allow', async () => {
    const behavior = {
      scaleUp: { policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] },
      scaleDown: { stabilizationWindowSeconds: 60, policies: [{ type: 'Percent', value: 50, periodSeconds: 120 }] },
    };
    const { replicas, conditions, minutes } = await autoscaled([web({ [LOAD]: '0s=2, 10m=2, 10m15s=250m' }), autoscaler({ behavior, maxReplicas: 6 })]);
    const seen: number[] = [];
    for (let minute = 0; minute < 22; minute++) {
      await minutes(1);
      if (replicas() !== seen.at(-1)) seen.push(replicas());
      if (minute === 3) expect(conditions()).toContain('ScalingLimited True ScaleUpLimit');
      if (minute === 9) expect(conditions()).toContain('ScalingLimited True TooManyReplicas');
    }
    expect(seen).toEqual([2, 3, 4, 5, 6, 3, 1]);
  });

  it('does not shrink where that is disabled', async () => {
    const behavior = { scaleDown: { selectPolicy: 'Disabled' } };
    const { replicas, minutes } = await autoscaled([web({ [LOAD]: '0s=2, 10m=2, 11m=250m' }), autoscaler({ behavior })]);
    await minutes(10);
    expect(replicas()).toBe(8);
    await minutes(60);
    expect(replicas()).toBe(8);
  });

  it('waits for a load that lasts where it is to', async () => {
    const behavior = { scaleUp: { stabilizationWindowSeconds: 300 } };
    const { replicas, conditions, minutes } = await autoscaled([web({ [LOAD]: '9m=250m, 10m=2, 13m=2, 14m=250m, 29m=250m, 30m=2' }), autoscaler({ behavior })]);
    await minutes(12);
    expect(conditions()).toContain('AbleToScale True ScaleUpStabilized');
    await minutes(16);
    expect(replicas()).toBe(1);
    await minutes(20);
    expect(replicas()).toBe(8);
  });

  it('follows a tolerance of its own', async () => {
    const { replicas, minutes } = await autoscaled([web({ [LOAD]: '350m' }), autoscaler({ behavior: { scaleUp: { tolerance: '500m' } } })]);
    await minutes(10);
    expect(replicas()).toBe(1);
    const strict = await autoscaled([web({ [LOAD]: '270m' }), autoscaler({ behavior: { scaleUp: { tolerance: '50m' } } })]);
    await strict.minutes(10);
    expect(strict.replicas()).toBe(2);
  });
});

describe('what cannot be followed', () => {
  it('says that there is no metrics API, once, and goes on when there is', async () => {
    const { cluster, conditions, replicas, minutes } = await autoscaled([web({ [LOAD]: '2' }), autoscaler()], { metrics: [] });
    await minutes(60);
    const missing =
      'failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)';
    expect(cluster.messages(autoscaler()).sort()).toEqual([
      `FailedComputeMetricsReplicas: invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: ${missing}`,
      `FailedGetResourceMetric: ${missing}`,
    ]);
    expect(conditions()).toEqual(['AbleToScale True SucceededGetScale', 'ScalingActive False FailedGetResourceMetric']);
    await cluster.put(ALL_METRICS[0]!);
    await minutes(10);
    expect(replicas()).toBe(8);
  });

  it('names what has no request', async () => {
    const { cluster, minutes } = await autoscaled([web({}, { container: { resources: { requests: { memory: '1Mi' } } } }), autoscaler()]);
    await minutes(1);
    const [pod] = cluster.pods;
    expect(cluster.messages(autoscaler())).toContain(
      `FailedGetResourceMetric: failed to get cpu utilization: missing request for cpu in container web of Pod ${pod!.metadata.name}`,
    );
  });

  it('leaves alone what two autoscalers are for', async () => {
    const { cluster, conditions, minutes } = await autoscaled([web({ [LOAD]: '2' }), autoscaler(), autoscaler({}, 'other')]);
    await minutes(1);
    expect(conditions()).toContain('ScalingActive False AmbiguousSelector');
    expect(cluster.messages(autoscaler())).toContain(
      'AmbiguousSelector: pods by selector app=web are controlled by multiple HPAs: [{default other} {default web}]',
    );
  });

  it.each([
    { name: 'no such object', target: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'none' }, want: 'deployments.apps "none" not found' },
    { name: 'no such kind', target: { apiVersion: 'x.example/v1', kind: 'Gizmo', name: 'g' }, want: 'no matches for kind "Gizmo" in group "x.example"' },
    { name: 'nothing to scale', target: { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'd' }, want: 'the server could not find the requested resource' },
  ])('$name', async ({ target, want }) => {
    const { status, minutes } = await autoscaled([autoscaler({ scaleTargetRef: target })]);
    await minutes(1);
    expect(status().conditions).toMatchObject([
      { type: 'AbleToScale', status: 'False', reason: 'FailedGetScale', message: `the HPA controller was unable to get the target's current scale: ${want}` },
    ]);
  });

  it('grows by the metrics that there are, and does not shrink for want of one', async () => {
    const metrics = [
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
      { type: 'External', external: { metric: { name: 'queue' }, target: { type: 'AverageValue', averageValue: '10' } } },
    ];
    const { cluster, replicas, conditions, status, minutes } = await autoscaled([web({ [LOAD]: '2' }), autoscaler({ metrics })]);
    await minutes(10);
    expect(replicas()).toBe(8);
    expect(conditions()).toContain('ScalingActive True ValidMetricFound');
    expect(status().currentMetrics?.map(({ type }) => type)).toEqual(['Resource', '']);
    await cluster.edit(web(), (copy) => {
      copy.metadata.annotations![LOAD] = '250m';
    });
    await minutes(30);
    expect(replicas()).toBe(8);
    expect(conditions()).toContain('ScalingActive False FailedGetExternalMetric');
  });
});

describe('metrics of other kinds', () => {
  const queue = (name: string, value: string, labels: object = {}): ConfigMap =>
    configMap(name, { labels: { 'metrics.logplane.dev/external': 'queue', ...labels }, data: { value } });

  it.each([
    {
      name: 'memory by its amount',
      web: web({}, { pod: { 'kwok.x-k8s.io/usage-memory': '100Mi' } }),
      metric: { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '25Mi' } } },
      want: { replicas: 10, current: { type: 'Resource', resource: { name: 'memory', current: { averageValue: '100Mi' } } } },
    },
    {
      name: 'one container',
      web: web({ [LOAD]: '1' }),
      metric: { type: 'ContainerResource', containerResource: { name: 'cpu', container: 'web', target: { type: 'Utilization', averageUtilization: 50 } } },
      want: {
        replicas: 4,
        current: { type: 'ContainerResource', containerResource: { name: 'cpu', container: 'web', current: { averageUtilization: 50, averageValue: '250m' } } },
      },
    },
    {
      name: 'of pods, shared',
      web: web({ 'load.logplane.dev/requests': '60' }),
      metric: { type: 'Pods', pods: { metric: { name: 'requests' }, target: { type: 'AverageValue', averageValue: '10' } } },
      want: { replicas: 6, current: { type: 'Pods', pods: { metric: { name: 'requests' }, current: { averageValue: '10' } } } },
    },
    {
      name: 'of an object, for each pod',
      web: web(),
      others: [configMap('site', { metadata: { name: 'site', namespace: 'default', annotations: { 'metrics.logplane.dev/requests': '70' } } })],
      metric: {
        type: 'Object',
        object: {
          describedObject: { apiVersion: 'v1', kind: 'ConfigMap', name: 'site' },
          metric: { name: 'requests' },
          target: { type: 'AverageValue', averageValue: '10' },
        },
      },
      want: {
        replicas: 7,
        current: {
          type: 'Object',
          object: { describedObject: { apiVersion: 'v1', kind: 'ConfigMap', name: 'site' }, metric: { name: 'requests' }, current: { averageValue: '10' } },
        },
      },
    },
    {
      name: 'external, of the series that are selected',
      web: web(),
      others: [queue('one', '20', { shard: 'a' }), queue('two', '30', { shard: 'a' }), queue('three', '500', { shard: 'b' })],
      metric: {
        type: 'External',
        external: { metric: { name: 'queue', selector: { matchLabels: { shard: 'a' } } }, target: { type: 'AverageValue', averageValue: '10' } },
      },
      want: {
        replicas: 5,
        current: { type: 'External', external: { metric: { name: 'queue', selector: { matchLabels: { shard: 'a' } } }, current: { averageValue: '10' } } },
      },
    },
  ])('$name', async ({ web: workload, others = [], metric, want }) => {
    const { replicas, status, minutes } = await autoscaled([workload, ...others, autoscaler({ metrics: [metric] })]);
    await minutes(10);
    expect(replicas()).toBe(want.replicas);
    expect(status().currentMetrics).toEqual([want.current]);
  });

  it('scales a custom resource', async () => {
    const definition: CustomResourceDefinition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'fleets.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural: 'fleets', singular: 'fleet', kind: 'Fleet', listKind: 'FleetList' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
            subresources: { scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size', labelSelectorPath: '.status.selector' } },
          },
        ],
      },
    };
    const metric = { type: 'External', external: { metric: { name: 'queue' }, target: { type: 'AverageValue', averageValue: '10' } } };
    const target = { apiVersion: 'example.com/v1', kind: 'Fleet', name: 'f' };
    const { cluster, minutes } = await autoscaled([definition, queue('one', '45'), autoscaler({ scaleTargetRef: target, metrics: [metric] })]);
    const fleet = {
      apiVersion: 'example.com/v1',
      kind: 'Fleet',
      metadata: { name: 'f', namespace: 'default' },
      spec: { size: 1 },
      status: { size: 1, selector: 'fleet=f' },
    };
    await cluster.mutate({ type: 'create', resource: 'fleets.example.com', object: fleet });
    await minutes(2);
    expect(cluster.state.get('fleets.example.com', 'default', 'f')).toMatchObject({ spec: { size: 5 } });
  });
});

describe('a target', () => {
  it.each([
    { name: 'above the most', replicas: 20, want: 10, message: 'SuccessfulRescale: New size: 10; reason: Current number of replicas above Spec.MaxReplicas' },
    { name: 'below the least', replicas: 1, want: 2, message: 'SuccessfulRescale: New size: 2; reason: Current number of replicas below Spec.MinReplicas' },
  ])('$name', async ({ replicas: given, want, message }) => {
    const workload = web();
    workload.spec!.replicas = given;
    const { cluster, replicas, minutes } = await autoscaled([workload, autoscaler({ minReplicas: 2 })]);
    await minutes(0.25);
    expect(replicas()).toBe(want);
    expect(cluster.messages(autoscaler())).toEqual([message]);
  });

  it('is left alone at none', async () => {
    const workload = web({ [LOAD]: '2' });
    workload.spec!.replicas = 0;
    const { replicas, conditions, minutes } = await autoscaled([workload, autoscaler()]);
    await minutes(10);
    expect(replicas()).toBe(0);
    expect(conditions()).toEqual(['AbleToScale True SucceededGetScale', 'ScalingActive False ScalingDisabled']);
  });

  it('keeps its least, and says so', async () => {
    const { cluster, replicas, conditions, minutes } = await autoscaled([web(), autoscaler({ minReplicas: 3 })]);
    await minutes(20);
    expect(replicas()).toBe(3);
    expect(conditions()).toEqual(['AbleToScale True ReadyForNewScale', 'ScalingActive True ValidMetricFound', 'ScalingLimited True TooFewReplicas']);
    const { annotations = {} } = cluster.get<HorizontalPodAutoscaler>(autoscaler()).metadata;
    expect(annotations).toEqual({});
  });
});

it('An autoscaler looks at whole quarters of a minute, and notes what it recommended while that matters', async () => {
  const { cluster, minutes } = await autoscaled([web({ [LOAD]: '1m=100m, 2m=2, 10m=2, 11m=250m' }), autoscaler()]);
  const noted = () => cluster.get(autoscaler()).metadata.annotations?.[RECENT];
  await minutes(13);
  const scaled = cluster.list('events').filter(({ reason }) => reason === 'SuccessfulRescale');
  expect(scaled).not.toEqual([]);
  expect(scaled.map(({ firstTimestamp }) => new Date(firstTimestamp!).getTime() % 15_000)).toEqual(scaled.map(() => 0));
  expect(noted()).toBeDefined();
  await minutes(40);
  expect(noted()).toBeUndefined();
});
