import { describe, expect, it } from 'vitest';
import type { HorizontalPodAutoscaler, MetricSpec } from '../../schema/generated/kinds.ts';
import { cell, defaulted, newProblems } from '../../testing/strategies.ts';
import { fromV1, toV1 } from './conversion.ts';
import { strategy } from './horizontalpodautoscaler.ts';

const autoscaler = (spec: object = {}): HorizontalPodAutoscaler => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'web', annotations: { mine: 'yes' } },
  spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 5, ...spec },
});
const cpu = (target: object): MetricSpec => ({ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', ...target } } });
const pods: MetricSpec = { type: 'Pods', pods: { metric: { name: 'rps' }, target: { type: 'AverageValue', averageValue: '10' } } };
const external: MetricSpec = {
  type: 'External',
  external: { metric: { name: 'queue', selector: { matchLabels: { q: 'a' } } }, target: { type: 'Value', value: '30' } },
};

describe('a HorizontalPodAutoscaler', () => {
  it('looks at the CPU by default', () => {
    expect(defaulted(strategy, autoscaler()).spec).toMatchObject({ minReplicas: 1, metrics: [cpu({ averageUtilization: 80 })] });
  });

  it('completes a behavior', () => {
    const { behavior } = defaulted(strategy, autoscaler({ behavior: { scaleDown: { stabilizationWindowSeconds: 60 } } })).spec;
    expect(behavior).toEqual({
      scaleUp: {
        stabilizationWindowSeconds: 0,
        selectPolicy: 'Max',
        policies: [
          { type: 'Pods', value: 4, periodSeconds: 15 },
          { type: 'Percent', value: 100, periodSeconds: 15 },
        ],
      },
      scaleDown: { stabilizationWindowSeconds: 60, selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
    });
  });

  it.each([
    { name: 'is valid', given: autoscaler(), want: [] },
    {
      name: 'has bounds in order',
      given: autoscaler({ minReplicas: 6 }),
      want: ['spec.maxReplicas: Invalid value: 5: must be greater than or equal to `minReplicas`'],
    },
    {
      name: 'does not scale to zero',
      given: autoscaler({ minReplicas: 0 }),
      want: [
        'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1',
        'spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas',
      ],
    },
    {
      name: 'has an upper bound',
      given: autoscaler({ maxReplicas: undefined, minReplicas: undefined }),
      want: [
        'spec.maxReplicas: Required value: must be set and greater than 0',
        'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
      ],
    },
    {
      name: 'has a target of a group',
      given: autoscaler({ scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: 'v1' } }),
      want: ['spec.scaleTargetRef.apiVersion: Invalid value: "v1": apiVersion must specify API group'],
    },
    { name: 'has a controller of no group', given: autoscaler({ scaleTargetRef: { kind: 'ReplicationController', name: 'd' } }), want: [] },
    {
      name: 'looks at what containers use',
      given: autoscaler({
        metrics: [{ type: 'ContainerResource', containerResource: { name: 'gold', container: 'c', target: { type: 'Utilization', averageUtilization: 1 } } }],
      }),
      want: [
        'spec.metrics[0].containerResource.name: Invalid value: "gold": must be a standard resource type or fully qualified',
        'spec.metrics[0].containerResource.name: Invalid value: "gold": must be a standard resource for containers',
      ],
    },
    {
      name: 'has a target',
      given: autoscaler({ scaleTargetRef: { kind: 'Deployment' } }),
      want: ['spec.scaleTargetRef.name: Required value', 'spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group'],
    },
    {
      name: 'says how much of a resource',
      given: autoscaler({ metrics: [cpu({})] }),
      want: ['spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization'],
    },
    {
      name: 'describes the source that it names',
      given: autoscaler({ metrics: [{ ...pods, type: 'Resource' }] }),
      want: ['spec.metrics[0].resource: Required value: must populate information for the given metric source'],
    },
    {
      name: 'describes one source',
      given: autoscaler({ metrics: [{ ...cpu({ averageUtilization: 50 }), pods: pods.pods }] }),
      want: ['spec.metrics[0].pods: Forbidden: must populate the given metric source only'],
    },
    {
      name: 'has policies within bounds',
      given: autoscaler({ behavior: { scaleUp: { policies: [{ type: 'Some', value: 0, periodSeconds: 1801 }] } } }),
      want: [
        'spec.behavior.scaleUp.policies[0].type: Unsupported value: "Some": supported values: "Percent", "Pods"',
        'spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero',
        'spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800',
      ],
    },
  ])('$name', ({ given, want }) => expect(newProblems(strategy, given)).toEqual(want));

  it('prints its metrics', () => {
    const text = (metrics: MetricSpec[], currentMetrics: object[] = []) =>
      cell(strategy, { ...autoscaler({ metrics }), status: { desiredReplicas: 1, currentMetrics } } as HorizontalPodAutoscaler, 'Targets');
    expect(text([])).toBe('<none>');
    expect(text([cpu({ averageUtilization: 80 })])).toBe('cpu: <unknown>/80%');
    expect(text([cpu({ averageUtilization: 80 })], [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 12 } } }])).toBe(
      'cpu: 12%/80%',
    );
    expect(text([cpu({ averageUtilization: 80 }), pods, external])).toBe('cpu: <unknown>/80%, <unknown>/10 + 1 more...');
    expect(strategy.table!.cells(autoscaler(), 0).slice(0, 2)).toEqual(['web', 'Deployment/web']);
  });
});

describe('autoscaling/v1', () => {
  const kept: HorizontalPodAutoscaler = {
    ...autoscaler({
      minReplicas: 2,
      metrics: [pods, external, cpu({ averageUtilization: 70 })],
      behavior: { scaleDown: { selectPolicy: 'Min', policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] } },
    }),
    status: {
      currentReplicas: 3,
      desiredReplicas: 4,
      currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 90, averageValue: '45m' } } }],
      conditions: [{ type: 'AbleToScale', status: 'True' }],
    },
  };

  it('shows the CPU as fields and the rest as annotations', () => {
    const shown = toV1(kept);
    expect(shown).toMatchObject({
      apiVersion: 'autoscaling/v1',
      spec: { minReplicas: 2, maxReplicas: 5, targetCPUUtilizationPercentage: 70 },
      status: { currentReplicas: 3, desiredReplicas: 4, currentCPUUtilizationPercentage: 90 },
    });
    expect(shown.spec).not.toHaveProperty('metrics');
    expect(JSON.parse(shown.metadata.annotations!['autoscaling.alpha.kubernetes.io/metrics']!)).toEqual([
      { type: 'Pods', pods: { metricName: 'rps', targetAverageValue: '10' } },
      { type: 'External', external: { metricName: 'queue', metricSelector: { matchLabels: { q: 'a' } }, targetValue: '30' } },
    ]);
    expect(shown.metadata.annotations!['autoscaling.alpha.kubernetes.io/behavior']).toBe(
      '{"ScaleDown":{"SelectPolicy":"Min","Policies":[{"Type":"Pods","Value":1,"PeriodSeconds":60}]}}',
    );
    expect(shown.metadata.annotations!.mine).toBe('yes');
  });

  it('loses nothing on the way there and back', () => expect(fromV1(toV1(kept))).toEqual(kept));

  it('of a client is kept as v2', () => {
    const { metrics: _, ...spec } = autoscaler().spec;
    const given = { ...autoscaler(), apiVersion: 'autoscaling/v1', spec: { ...spec, targetCPUUtilizationPercentage: 50 } };
    expect(fromV1(given)).toEqual(autoscaler({ metrics: [cpu({ averageUtilization: 50 })] }));
  });

  it('with a broken annotation is kept without it', () => {
    const given = { ...autoscaler(), apiVersion: 'autoscaling/v1', metadata: { name: 'web', annotations: { 'autoscaling.alpha.kubernetes.io/metrics': '{' } } };
    expect(fromV1(given).spec).toEqual(autoscaler().spec);
  });
});
