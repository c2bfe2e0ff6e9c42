import { describe, expect, it } from 'vitest';
import { clusterInstant } from '../instant.ts';
import type { KubeObject } from '../kube/object.ts';
import type { Container, Pod } from '../schema/generated/kinds.ts';
import { START } from '../testing/env.ts';
import { deployment, node, pod, readyPod, replicaSet } from '../testing/objects.ts';
import { stateOf, stored } from '../testing/state.ts';
import { usageOf } from './container-usage.ts';

const MI = 2 ** 20;

interface Given {
  readonly container?: Partial<Container>;
  readonly annotations?: Record<string, string>;
  readonly others?: readonly KubeObject[];
  readonly owner?: KubeObject;
  readonly minutes?: number;
}

/** What the container of a pod named web uses, some minutes after it was created. */
function usage({ container = {}, annotations = {}, others = [], owner, minutes = 0 }: Given) {
  const given = stored<Pod>(pod('web', { container, metadata: { annotations }, ...(owner && { owner }) }), START);
  const state = stateOf([given, ...others], {
    resources: { ResourceUsage: 'resourceusages.kwok.x-k8s.io', ClusterResourceUsage: 'clusterresourceusages.kwok.x-k8s.io' },
  });
  let changes = false;
  const moment = {
    state,
    now: clusterInstant(START + minutes * 60_000),
    changesAt: () => {
      changes = true;
    },
  };
  const { cpu, memory } = usageOf({ pod: given, container: given.spec!.containers[0]!, node: node('node-1') }, moment);
  return { cpu: Math.round(cpu * 1000) / 1000, memory: memory / MI, ...(changes ? { changes } : {}) };
}

const kwok = (kind: string, name: string, spec: object): KubeObject =>
  ({ apiVersion: 'kwok.x-k8s.io/v1alpha1', kind, metadata: { name, ...(kind === 'ResourceUsage' ? { namespace: 'default' } : {}) }, spec }) as KubeObject;

const usages = (usage: object, containers?: string[]) => ({ usages: [{ usage, ...(containers && { containers }) }] });

const ownedReplicaSet = replicaSet(
  {},
  { metadata: { uid: 'uid-rs', ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'uid-web', controller: true }] } },
);

describe('what a container uses', () => {
  it.each<{ name: string; given: Given; want: object }>([
    { name: 'a share of its requests', given: { container: { resources: { requests: { cpu: '500m', memory: '100Mi' } } } }, want: { cpu: 0.05, memory: 50 } },
    { name: 'a little without', given: {}, want: { cpu: 0.001, memory: 10 } },
    {
      name: "KWOK's annotations",
      given: { annotations: { 'kwok.x-k8s.io/usage-cpu': '300m', 'kwok.x-k8s.io/usage-memory': '200Mi' } },
      want: { cpu: 0.3, memory: 200 },
    },
    {
      name: 'as a curve',
      given: { annotations: { 'kwok.x-k8s.io/usage-memory': '0s=100Mi, 10m=200Mi' }, minutes: 5 },
      want: { cpu: 0.001, memory: 150, changes: true },
    },
    {
      name: 'no more CPU than its limit',
      given: { container: { resources: { limits: { cpu: '1' } } }, annotations: { 'kwok.x-k8s.io/usage-cpu': '3' } },
      want: { cpu: 1, memory: 10 },
    },
    {
      name: 'an object of its name',
      given: {
        annotations: { 'kwok.x-k8s.io/usage-cpu': '1' },
        others: [
          kwok('ResourceUsage', 'web', usages({ cpu: { value: '2' }, memory: { value: '5Mi' } })),
          kwok('ClusterResourceUsage', 'all', usages({ cpu: { value: '3' } })),
        ],
      },
      want: { cpu: 2, memory: 5 },
    },
    {
      name: 'one that selects it',
      given: {
        others: [
          kwok('ClusterResourceUsage', 'a', { selector: { matchNamespaces: ['other'] }, ...usages({ cpu: { value: '1' } }) }),
          kwok('ClusterResourceUsage', 'b', { selector: { matchNamespaces: ['default'], matchNames: ['web'] }, ...usages({ cpu: { value: '2' } }) }),
        ],
      },
      want: { cpu: 2, memory: 10 },
    },
    {
      name: 'not of another container',
      given: { others: [kwok('ClusterResourceUsage', 'a', usages({ cpu: { value: '1' } }, ['other']))] },
      want: { cpu: 0.001, memory: 10 },
    },
    {
      name: "KWOK's example of an expression",
      given: {
        annotations: { 'kwok.x-k8s.io/usage-cpu': '7m' },
        others: [
          kwok(
            'ClusterResourceUsage',
            'a',
            usages({
              cpu: {
                expression:
                  '"kwok.x-k8s.io/usage-cpu" in pod.metadata.annotations\n? Quantity(pod.metadata.annotations["kwok.x-k8s.io/usage-cpu"])\n: Quantity("1m")\n',
              },
              memory: { expression: '(pod.SinceSecond() / 60.0) * Quantity("1Mi")' },
            }),
          ),
        ],
        minutes: 30,
      },
      want: { cpu: 0.007, memory: 30, changes: true },
    },
    {
      name: 'an expression that counts',
      given: { others: [kwok('ClusterResourceUsage', 'a', usages({ cpu: { expression: 'Quantity("1") / 4 + Quantity("100m") * 2 - Quantity("50m")' } }))] },
      want: { cpu: 0.4, memory: 10 },
    },
    {
      name: 'an expression that compares',
      given: {
        others: [kwok('ClusterResourceUsage', 'a', usages({ cpu: { expression: 'Quantity("1") > Quantity("900m") ? Quantity("2") : Quantity("3")' } }))],
      },
      want: { cpu: 2, memory: 10 },
    },
    {
      name: 'nothing of an expression that is none',
      given: { others: [kwok('ClusterResourceUsage', 'a', usages({ cpu: { expression: 'Quantity(' } }))] },
      want: { cpu: 0.001, memory: 10 },
    },
    {
      name: 'its part of the load on its workload',
      given: {
        owner: ownedReplicaSet,
        others: [
          ownedReplicaSet,
          deployment({}, { metadata: { annotations: { 'load.logplane.dev/cpu': '3' } } }),
          ...['a', 'b', 'c', 'd'].map((name) => readyPod(name, { owner: ownedReplicaSet })),
          pod('starting', { owner: ownedReplicaSet }),
        ],
      },
      want: { cpu: 0.75, memory: 10 },
    },
    {
      name: 'the memory that its workload says of each of its pods',
      given: {
        owner: ownedReplicaSet,
        others: [
          ownedReplicaSet,
          deployment({}, { metadata: { annotations: { 'load.logplane.dev/memory': '300Mi' } } }),
          ...['a', 'b'].map((name) => readyPod(name, { owner: ownedReplicaSet })),
        ],
      },
      want: { cpu: 0.001, memory: 300 },
    },
    {
      name: 'stress',
      given: { container: { command: ['stress'], args: ['--vm', '1', '--vm-bytes', '250M', '--vm-hang', '1'] } },
      want: { cpu: 1, memory: 250 },
    },
    { name: 'vish/stress', given: { container: { args: ['-cpus', '2'] } }, want: { cpu: 2, memory: 10 } },
    { name: 'a loop without end', given: { container: { command: ['sh', '-c', 'while true; do :; done'] } }, want: { cpu: 1, memory: 10 } },
    { name: 'a loop that sleeps', given: { container: { command: ['sh', '-c', 'while true; do sleep 1; done'] } }, want: { cpu: 0.001, memory: 10 } },
  ])('$name', ({ given, want }) => {
    expect(usage(given)).toEqual(want);
  });
});
