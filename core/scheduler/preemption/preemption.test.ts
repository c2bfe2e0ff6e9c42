import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/object.ts';
import type { PodDisruptionBudget } from '../../schema/generated/kinds.ts';
import { Cluster } from '../../testing/cluster.ts';
import { START } from '../../testing/env.ts';
import { ago, namespace, node, type PodOptions, pod } from '../../testing/objects.ts';
import { places, scheduled, schedulingEvents, unscheduled } from '../../testing/scheduling.ts';
import type { Plugin } from '../framework.ts';
import { plugins } from '../plugins/registry.ts';
import { schedulerReconciler } from '../scheduler.ts';

const PREEMPTION = 'no new claims to deallocate, preemption:';
const on = (nodeName: string, name: string, cpu: string, more: PodOptions = {}) => pod(name, { nodeName, requests: { cpu }, phase: 'Running', ...more });
const high = (cpu: string, more: PodOptions = {}) => pod('high', { requests: { cpu }, priority: 1000, ...more });

const budget = (app: string, disruptionsAllowed: number, more: object = {}): PodDisruptionBudget => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: app, namespace: 'default' },
  spec: { minAvailable: 1, selector: { matchLabels: { app } } },
  status: { disruptionsAllowed, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1, ...more },
});

/** The pods that are being deleted. */
const going = ({ pods }: Cluster): string[] => pods.filter(({ metadata }) => metadata.deletionTimestamp).map(({ metadata: { name } }) => name);
const nominatedFor = (cluster: Cluster, name = 'high') => cluster.pod(name)!.status!.nominatedNodeName;
const covered = { labels: { app: 'kept' } };
const port80 = { container: { ports: [{ containerPort: 80, hostPort: 80 }] } };

describe('a pod that fits nowhere takes the place of others:', () => {
  it.each<{ name: string; given: KubeObject[]; victims: string[] }>([
    { name: 'one of lower priority', given: [on('a', 'low', '3'), high('3')], victims: ['low'] },
    {
      name: 'no more than it needs, and the least important ones',
      given: [
        on('a', 'low', '1', { priority: 1 }),
        on('a', 'mid', '1', { priority: 5 }),
        on('a', 'none', '1'),
        on('a', 'top', '1', { priority: 9 }),
        high('2'),
      ],
      victims: ['low', 'none'],
    },
    {
      name: 'a larger one, where the smaller ones can stay for it',
      given: [on('a', 'small', '1'), on('a', 'large', '3', { status: { startTime: ago(10) } }), high('3')],
      victims: ['large'],
    },
    {
      name: 'of equals, those that have begun last',
      given: [on('a', 'older', '2', { status: { startTime: ago(900) } }), on('a', 'younger', '2', { status: { startTime: ago(30) } }), high('2')],
      victims: ['younger'],
    },
    {
      name: 'one that its budget lets go before one that no budget does',
      given: [on('a', 'kept', '2', covered), on('a', 'important', '2', { priority: 500 }), budget('kept', 0), high('2')],
      victims: ['important'],
    },
    {
      name: 'one that its budget does not let go, if there is no other way',
      given: [on('a', 'kept', '3', covered), budget('kept', 0), high('3')],
      victims: ['kept'],
    },
    {
      name: 'one whose eviction its budget has counted',
      given: [on('a', 'kept', '2', covered), on('a', 'other', '2', { priority: 1 }), budget('kept', 0, { disruptedPods: { kept: ago(1) } }), high('2')],
      victims: ['kept'],
    },
    {
      name: 'only as many as a budget lets go, where others can go',
      given: [
        on('a', 'k1', '1', covered),
        on('a', 'k2', '1', covered),
        on('a', 'x1', '1', { priority: 7 }),
        on('a', 'x2', '1', { priority: 7 }),
        budget('kept', 1),
        high('2'),
      ],
      victims: ['k1', 'x2'],
    },
    { name: 'one that has its host port', given: [on('a', 'low', '1', port80), high('1', port80)], victims: ['low'] },
    {
      name: 'one that is going already',
      given: [{ ...on('a', 'low', '3'), metadata: { ...on('a', 'low', '3').metadata, deletionTimestamp: ago(1), deletionGracePeriodSeconds: 30 } }, high('3')],
      victims: ['low'],
    },
  ])('$name', async ({ given, victims }) => {
    const cluster = await scheduled(node('a'), ...given);
    expect(going(cluster)).toEqual(victims);
    expect(nominatedFor(cluster)).toBe('a');
  });
});

describe('a pod that fits nowhere takes the place of no others', () => {
  it.each<{ name: string; given: KubeObject[]; message: string }>([
    {
      name: 'of its own priority',
      given: [on('a', 'low', '3', { priority: 1000 }), high('3')],
      message: `0/1 nodes are available: 1 Insufficient cpu. ${PREEMPTION} 0/1 nodes are available: 1 No preemption victims found for incoming pod.`,
    },
    {
      name: 'where that is not enough',
      given: [node('b'), on('a', 'low', '3'), on('a', 'other', '1', { priority: 2000 }), high('4', { nodeSelector: { 'kubernetes.io/hostname': 'a' } })],
      message: `0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match Pod's node affinity/selector. ${PREEMPTION} 0/2 nodes are available: 1 Insufficient cpu, 1 Preemption is not helpful for scheduling.`,
    },
    {
      name: 'where no node is large enough',
      given: [on('a', 'low', '3'), high('5')],
      message: `0/1 nodes are available: 1 Insufficient cpu. ${PREEMPTION} 0/1 nodes are available: 1 Preemption is not helpful for scheduling.`,
    },
    {
      name: 'with preemptionPolicy Never',
      given: [on('a', 'low', '3'), high('3', { preemptionPolicy: 'Never' })],
      message: `0/1 nodes are available: 1 Insufficient cpu. ${PREEMPTION} not eligible due to preemptionPolicy=Never.`,
    },
    {
      name: 'for want of a claim',
      given: [on('a', 'low', '3'), high('3', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] })],
      message: '0/1 nodes are available: persistentvolumeclaim "c" not found. not found',
    },
  ])('$name', async ({ given, message }) => {
    const cluster = await scheduled(node('a'), ...given);
    expect(going(cluster)).toEqual([]);
    expect(nominatedFor(cluster)).toBeUndefined();
    expect(places(cluster)).toContain(`high: ${message}`);
  });
});

describe('of several nodes, it is nominated for the one', () => {
  const began = (seconds: number) => ({ status: { startTime: ago(seconds) } });
  it.each<{ name: string; given: KubeObject[]; want: string }>([
    {
      name: 'where no budget is violated, whatever the priorities',
      given: [on('a', 'a1', '3', covered), on('b', 'b1', '3', { priority: 900 }), budget('kept', 0)],
      want: 'b',
    },
    {
      name: 'whose most important victim is the least important',
      given: [on('a', 'a1', '3', { priority: 500 }), on('b', 'b1', '1'), on('b', 'b2', '3')],
      want: 'b',
    },
    {
      name: 'whose victims sum up to the lowest priority',
      given: [
        on('a', 'a1', '2', { priority: 5 }),
        on('a', 'a2', '2', { priority: 5 }),
        on('b', 'b1', '2', { priority: 5 }),
        on('b', 'b2', '2', { priority: 2 }),
      ],
      want: 'b',
    },
    {
      name: 'with the fewest victims, however low their priorities are',
      given: [on('a', 'a1', '2', { priority: -10 }), on('a', 'a2', '2', { priority: -10 }), on('b', 'b1', '4', { priority: -10 })],
      want: 'b',
    },
    {
      name: 'whose most important victims have begun last',
      given: [on('a', 'a1', '4', began(900)), on('b', 'b1', '4', began(10)), on('c', 'c1', '4', began(300))],
      want: 'b',
    },
  ])('$name', async ({ given, want }) => {
    const cluster = await scheduled(
      node('a'),
      node('b'),
      node('c', { unschedulable: !given.some(({ metadata: { name } }) => name === 'c1') }),
      ...given,
      high('4'),
    );
    expect(nominatedFor(cluster)).toBe(want);
    expect(going(cluster).every((name) => name.startsWith(want))).toBe(true);
  });
});

describe('preemption', () => {
  it('says why, deletes with the grace that the victim has, and places the pod when that has gone', async () => {
    const cluster = await scheduled(node('a'), on('a', 'low', '3', { terminationGracePeriodSeconds: 17 }), high('3'));
    const { metadata, status } = cluster.pod('low')!;
    expect(metadata.deletionGracePeriodSeconds).toBe(17);
    expect(status!.conditions).toMatchObject([
      {
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'PreemptionByScheduler',
        message: 'default-scheduler: preempting to accommodate a higher priority pod',
      },
    ]);
    expect(places(cluster)).toEqual(['high: 0/1 nodes are available: 1 Insufficient cpu.', 'low@a']);
    expect(schedulingEvents(cluster)).toEqual([
      'Warning FailedScheduling x1 0/1 nodes are available: 1 Insufficient cpu.',
      'Normal Preempted x1 Preempted by pod uid-high on node a',
    ]);
    const preempted = cluster.list('events').find(({ reason }) => reason === 'Preempted')!;
    expect(preempted).toMatchObject({
      involvedObject: { name: 'low' },
      related: { name: 'high' },
      action: 'Preempting',
      reportingComponent: 'default-scheduler',
    });

    await cluster.remove(cluster.pod('low')!);
    await cluster.settle();
    expect(places(cluster)).toEqual(['high@a']);
    expect(nominatedFor(cluster)).toBeUndefined();
  });

  it('lets nothing go twice, nor more, while the victims are going', async () => {
    const cluster = await scheduled(node('a'), node('b'), on('a', 'a1', '3'), on('b', 'b1', '3'), high('3'));
    const [first] = going(cluster);
    const nominated = nominatedFor(cluster);
    for (const label of ['one', 'two']) {
      await cluster
        .update(node('c', { unschedulable: true, labels: { label } }))
        .catch(() => cluster.create(node('c', { unschedulable: true, labels: { label } })));
      await cluster.settle();
    }
    expect([going(cluster), nominatedFor(cluster)]).toEqual([[first], nominated]);
    expect(cluster.mutations.filter(({ type }) => type === 'delete')).toHaveLength(1);
    expect(places(cluster)[2]).toContain(`${PREEMPTION} not eligible due to a terminating pod on the nominated node.`);
  });

  it('of several pods makes room for each, on a node of its own', async () => {
    const waiting = ['h1', 'h2', 'h3'].map((name) => pod(name, { requests: { cpu: '3' }, priority: 10 }));
    const cluster = await scheduled(...['a', 'b', 'c'].flatMap((name) => [node(name), on(name, `low-${name}`, '3')]), ...waiting);
    expect(going(cluster)).toEqual(['low-a', 'low-b', 'low-c']);
    expect(['h1', 'h2', 'h3'].map((name) => nominatedFor(cluster, name)).sort()).toEqual(['a', 'b', 'c']);
  });

  it('spares a budget that an earlier one of the pass has spent', async () => {
    const waiting = ['h1', 'h2'].map((name) => pod(name, { requests: { cpu: '4' }, priority: 1000 }));
    const cluster = await scheduled(
      ...[node('a'), node('b'), node('c')],
      ...[on('a', 'a1', '4', covered), on('b', 'b1', '4', covered), on('c', 'c1', '4', { priority: 900 })],
      budget('kept', 1),
      ...waiting,
    );
    expect(going(cluster).filter((name) => name !== 'c1')).toHaveLength(1);
    expect(going(cluster)).toContain('c1');
  });

  it('leaves the room to the pod that it was made for', async () => {
    const cluster = await scheduled(node('a'), on('a', 'low', '3'), high('3'));
    await cluster.create(pod('sneaky', { requests: { cpu: '2' } }));
    await cluster.remove(cluster.pod('low')!);
    await cluster.settle();
    expect(places(cluster)[0]).toBe('high@a');
    expect(cluster.pod('sneaky')!.spec!.nodeName).toBeUndefined();
  });

  it('gives the room to a pod of higher priority that comes meanwhile, and the other one looks for another', async () => {
    const cluster = await scheduled(node('a'), on('a', 'low', '4'), high('4'));
    await cluster.create(pod('higher', { requests: { cpu: '4' }, priorityClassName: 'system-node-critical', priority: 2_000_001_000 }));
    await cluster.settle();
    expect([nominatedFor(cluster, 'higher'), nominatedFor(cluster)]).toEqual(['a', undefined]);
    await cluster.remove(cluster.pod('low')!);
    await cluster.settle();
    expect(places(cluster)).toContain('higher@a');
  });

  it('that is refused is not tried again before something changes', async () => {
    const policy = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name: 'keep' },
      spec: {
        matchConstraints: { resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['DELETE'], resources: ['pods'] }] },
        validations: [{ expression: 'false', message: 'kept' }],
      },
    } as KubeObject;
    const binding = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name: 'keep' },
      spec: { policyName: 'keep', validationActions: ['Deny'] },
    } as KubeObject;
    await expect(scheduled(node('a'), on('a', 'low', '3'), high('3'), policy, binding)).rejects.toThrow('kept');
    const cluster = await unscheduled(node('a'), on('a', 'low', '3'), high('3'), policy, binding);
    await cluster.settle().catch(() => undefined);
    await cluster.settle();
    expect([going(cluster), cluster.mutations.filter(({ type }) => type === 'delete').length]).toEqual([[], 1]);
  });

  it('of pods that ask for the same looks at the pods of a node once', async () => {
    let tried = 0;
    const counting: Plugin = {
      name: 'Counting',
      filter: (_pod, _node, cluster) => {
        if (cluster.followers) tried++;
        return undefined;
      },
    };
    const nodes = Array.from({ length: 40 }, (_, i) => node(`n${i}`));
    const low = nodes.map(({ metadata: { name } }) => on(name, `low-${name}`, '3'));
    const waiting = nodes.map((_, i) => pod(`high-${i}`, { requests: { cpu: '3' }, priority: 10 }));
    const reconcilers = [schedulerReconciler({ plugins: [counting, ...plugins] })];
    const cluster = await Cluster.start({ reconcilers, objects: [namespace('default'), ...nodes, ...low, ...waiting], now: START });
    await cluster.settle();
    expect(going(cluster)).toHaveLength(40);
    // Twice for each node, and of each that was nominated once more, beside the nominated pod. Without memory, forty times as often.
    expect(tried).toBeLessThan(40 * 5);
  });
});
