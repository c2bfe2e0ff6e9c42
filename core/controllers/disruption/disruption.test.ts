import { describe, expect, it } from 'vitest';
import type { IntOrString, PodDisruptionBudget } from '../../schema/generated/kinds.ts';
import type { Cluster } from '../../testing/cluster.ts';
import { controlled } from '../../testing/controllers.ts';
import { ready } from '../../testing/kubelet.ts';
import { deployment, pod } from '../../testing/objects.ts';

const budget = (spec: { minAvailable?: IntOrString; maxUnavailable?: IntOrString }): PodDisruptionBudget => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'web', namespace: 'default' },
  spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
});

const numbers = ({ status }: PodDisruptionBudget) => ({
  expected: status?.expectedPods,
  desired: status?.desiredHealthy,
  healthy: status?.currentHealthy,
  allowed: status?.disruptionsAllowed,
  condition: status?.conditions?.map(({ type, status: value, reason }) => `${type}=${value} ${reason}`).join(),
});

/** A Deployment of four pods, of which `count` are ready. */
async function fourPods(spec: Parameters<typeof budget>[0], count: number) {
  const cluster = await controlled(deployment({ replicas: 4 }));
  const made = await cluster.create(budget(spec));
  await cluster.settle();
  await ready(cluster, ...cluster.pods.slice(0, count));
  return { cluster, made };
}

describe('a disruption budget', () => {
  const sufficient = 'DisruptionAllowed=True SufficientPods';
  const insufficient = 'DisruptionAllowed=False InsufficientPods';
  const cases = [
    { name: 'a number that must stay', spec: { minAvailable: 3 }, ready: 4, want: { expected: 4, desired: 3, healthy: 4, allowed: 1, condition: sufficient } },
    { name: 'none to spare', spec: { minAvailable: 3 }, ready: 3, want: { expected: 4, desired: 3, healthy: 3, allowed: 0, condition: insufficient } },
    { name: 'a share, rounded up', spec: { minAvailable: '60%' }, ready: 4, want: { expected: 4, desired: 3, healthy: 4, allowed: 1, condition: sufficient } },
    { name: 'a number that may go', spec: { maxUnavailable: 2 }, ready: 4, want: { expected: 4, desired: 2, healthy: 4, allowed: 2, condition: sufficient } },
    {
      name: 'a share that may go',
      spec: { maxUnavailable: '25%' },
      ready: 4,
      want: { expected: 4, desired: 3, healthy: 4, allowed: 1, condition: sufficient },
    },
    { name: 'never fewer than none', spec: { minAvailable: 4 }, ready: 1, want: { expected: 4, desired: 4, healthy: 1, allowed: 0, condition: insufficient } },
  ];
  for (const { name, spec, ready, want } of cases) {
    it(name, async () => {
      const { cluster, made } = await fourPods(spec, ready);
      expect(numbers(cluster.get(made))).toEqual(want);
    });
  }

  const foreign = [
    { name: 'does not scale', apiVersion: 'batch/v1', kind: 'Job', why: 'jobs.batch does not implement the scale subresource' },
    { name: 'is gone', apiVersion: 'apps/v1', kind: 'ReplicaSet', why: 'found no controllers for pod "web"' },
    { name: 'is of an unknown kind', apiVersion: 'example.com/v1', kind: 'Site', why: 'no matches for kind "Site" in version "example.com/v1"' },
  ];
  for (const { name, apiVersion, kind, why } of foreign) {
    it(`allows nothing, and says why, when the controller of a pod ${name}`, async () => {
      const owned = pod('web', { metadata: { ownerReferences: [{ apiVersion, kind, name: 'x', uid: 'uid-x', controller: true }] } });
      const cluster = await controlled();
      const made = await cluster.create(budget({ maxUnavailable: 1 }));
      // Its owner is not there, and the garbage collector would take it: it is looked at before that.
      await cluster.create(owned);
      await cluster.settle();
      expect(cluster.messages(made)).toContain(`CalculateExpectedPodCountFailed: Failed to calculate the number of expected pods: ${why}`);
    });
  }

  it('follows the scale of what makes the pods', async () => {
    const { cluster, made } = await fourPods({ maxUnavailable: '50%' }, 4);
    await cluster.edit(deployment(), (copy) => {
      copy.spec!.replicas = 8;
    });
    await cluster.settle();
    expect(numbers(cluster.get(made))).toMatchObject({ expected: 8, desired: 4, healthy: 4, allowed: 0 });
  });

  it('without a pod allows nothing', async () => {
    const cluster = await controlled();
    const made = await cluster.create(budget({ maxUnavailable: 1 }));
    await cluster.settle();
    expect(numbers(cluster.get(made))).toMatchObject({ expected: 0, allowed: 0 });
  });

  it('counts a pod that was evicted as lost until it is gone, or for two minutes', async () => {
    const cluster = await controlled(pod('a'), pod('b'), pod('c'));
    await ready(cluster, pod('a'), pod('b'));
    const made = await cluster.create(budget({ minAvailable: 1 }));
    await cluster.settle();
    await cluster.edit(
      made,
      (copy) => {
        copy.status = { ...copy.status, disruptionsAllowed: 0, disruptedPods: { a: new Date(cluster.now).toISOString() } } as PodDisruptionBudget['status'];
      },
      'status',
    );
    await cluster.settle();
    expect(numbers(cluster.get(made))).toMatchObject({ healthy: 1, allowed: 0 });
    expect(await cluster.wait()).toBeLessThanOrEqual(120);
    expect(numbers(cluster.get(made))).toMatchObject({ healthy: 2, allowed: 1 });
    expect(cluster.get(made).status?.disruptedPods).toBeUndefined();
  });

  it('tells that it selects no pod, once for as long as that lasts', async () => {
    const cluster = await controlled();
    await cluster.create(budget({ maxUnavailable: 1 }));
    await cluster.settle();
    expect(told(cluster)).toEqual(['Normal NoPods: No matching pods found']);
    await cluster.settle();
    expect(cluster.list('events')).toMatchObject([{ count: 1, source: { component: 'controllermanager' } }]);
  });

  const unmanaged =
    'Warning UnmanagedPods: Pods selected by this PodDisruptionBudget (selector: &LabelSelector{MatchLabels:map[string]string{app: web,},' +
    'MatchExpressions:[]LabelSelectorRequirement{},}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, ' +
    'which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.';
  it.each([
    { spec: { maxUnavailable: 1 }, want: [unmanaged] },
    { spec: { minAvailable: '50%' }, want: [unmanaged] },
    { spec: { minAvailable: 1 }, want: [] },
  ])('tells of pods whose number nothing says, when it asks for it ($spec)', async ({ spec, want }) => {
    const cluster = await controlled(pod('a'));
    await cluster.create(budget(spec));
    await cluster.settle();
    expect(told(cluster)).toEqual(want);
  });
});

const told = (cluster: Cluster) => cluster.list('events').map(({ type, reason, message }) => `${type} ${reason}: ${message}`);
