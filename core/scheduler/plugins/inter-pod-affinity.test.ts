import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/object.ts';
import type { Pod, PodAffinityTerm } from '../../schema/generated/kinds.ts';
import { namespace, node, type PodOptions, pod } from '../../testing/objects.ts';
import { places, scheduled } from '../../testing/scheduling.ts';

const ZONE = 'topology.kubernetes.io/zone';

/** Two zones: a and b are in the first, c in the second. */
const nodes = [node('a', { labels: { [ZONE]: '1' } }), node('b', { labels: { [ZONE]: '1' } }), node('c', { labels: { [ZONE]: '2' } })];

const term = (app: string, topologyKey = ZONE, more: object = {}): PodAffinityTerm => ({ topologyKey, labelSelector: { matchLabels: { app } }, ...more });
const near = (...terms: PodAffinityTerm[]) => ({ podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } });
const notNear = (...terms: PodAffinityTerm[]) => ({ podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } });
const preferring = (weight: number, podAffinityTerm: PodAffinityTerm) => ({ preferredDuringSchedulingIgnoredDuringExecution: [{ weight, podAffinityTerm }] });
const app = (name: string, label: string, options: PodOptions = {}): Pod => pod(name, { labels: { app: label }, ...options });
const inNamespace = (given: Pod, name: string): Pod => ({ ...given, metadata: { ...given.metadata, namespace: name } });
const at = (hostname: string) => ({ nodeSelector: { 'kubernetes.io/hostname': hostname } });

/** Where the pod p goes, or why nowhere, in the words before those of preemption. */
async function placeOf(...objects: KubeObject[]): Promise<string> {
  const found = places(await scheduled(...nodes, ...objects)).find((place) => place.startsWith('p'))!;
  return found.replace('0/3 nodes are available: ', '').replace(/\. .*$/, '');
}

describe('a pod that has to be near others', () => {
  it.each([
    {
      name: 'is, on the node',
      given: [app('x', 'db', { nodeName: 'b' }), app('p', 'web', { affinity: near(term('db', 'kubernetes.io/hostname')) })],
      want: 'p@b',
    },
    { name: 'is, in the zone', given: [app('x', 'db', { nodeName: 'c' }), app('p', 'web', { affinity: near(term('db')) })], want: 'p@c' },
    { name: 'is nowhere without them', given: [app('p', 'web', { affinity: near(term('db')) })], want: "p: 3 node(s) didn't match pod affinity rules" },
    {
      name: 'is nowhere where nodes have no such label',
      given: [app('x', 'db', { nodeName: 'c' }), app('p', 'web', { affinity: near(term('db', 'rack')) })],
      want: "p: 3 node(s) didn't match pod affinity rules",
    },
    { name: 'may be the first of them', given: [app('p', 'web', { affinity: near(term('web')), ...at('c') })], want: 'p@c' },
    {
      name: 'is not the first when there is one elsewhere',
      given: [app('x', 'web', { nodeName: 'c' }), app('p', 'web', { affinity: near(term('web')), ...at('a') })],
      want: "p: 1 node(s) didn't match pod affinity rules, 2 node(s) didn't match Pod's node affinity/selector",
    },
    {
      name: 'is near one and the same pod by all terms',
      given: [
        app('x', 'db', { nodeName: 'a' }),
        pod('y', { labels: { tier: 'back' }, nodeName: 'a' }),
        pod('z', { labels: { app: 'db', tier: 'back' }, nodeName: 'c' }),
        app('p', 'web', { affinity: near(term('db'), { topologyKey: ZONE, labelSelector: { matchLabels: { tier: 'back' } } }) }),
      ],
      want: 'p@c',
    },
    {
      name: 'looks at its own namespace',
      given: [namespace('other'), inNamespace(app('x', 'db', { nodeName: 'c' }), 'other'), app('p', 'web', { affinity: near(term('db')) })],
      want: "p: 3 node(s) didn't match pod affinity rules",
    },
    {
      name: 'looks at the namespaces that it names, and not at its own',
      given: [
        namespace('other'),
        inNamespace(app('x', 'db', { nodeName: 'c' }), 'other'),
        app('y', 'db', { nodeName: 'a' }),
        app('p', 'web', { affinity: near(term('db', ZONE, { namespaces: ['other'] })) }),
      ],
      want: 'p@c',
    },
    {
      name: 'looks at the namespaces that it selects',
      given: [
        namespace('other', { metadata: { labels: { team: 'x' } } }),
        inNamespace(app('x', 'db', { nodeName: 'c' }), 'other'),
        app('y', 'db', { nodeName: 'a' }),
        app('p', 'web', { affinity: near(term('db', ZONE, { namespaceSelector: { matchLabels: { team: 'x' } } })) }),
      ],
      want: 'p@c',
    },
    {
      name: 'looks at all namespaces with a selector that selects all',
      given: [
        namespace('other'),
        inNamespace(app('x', 'db', { nodeName: 'c' }), 'other'),
        app('p', 'web', { affinity: near(term('db', ZONE, { namespaceSelector: {} })) }),
      ],
      want: 'p@c',
    },
    {
      name: 'is not near what has ended',
      given: [app('x', 'db', { nodeName: 'c', phase: 'Succeeded' }), app('p', 'web', { affinity: near(term('db')) })],
      want: "p: 3 node(s) didn't match pod affinity rules",
    },
  ])('$name', async ({ given, want }) => expect(await placeOf(...given)).toBe(want));
});

describe('a pod that must not be near others', () => {
  it.each([
    { name: 'is not', given: [app('x', 'db', { nodeName: 'a' }), app('p', 'web', { affinity: notNear(term('db')) })], want: 'p@c' },
    {
      name: 'is nowhere where they are everywhere',
      given: [app('x', 'db', { nodeName: 'a' }), app('y', 'db', { nodeName: 'c' }), app('p', 'web', { affinity: notNear(term('db')) })],
      want: "p: 3 node(s) didn't match pod anti-affinity rules",
    },
    {
      name: 'is where nodes have no such label',
      given: [app('x', 'db', { nodeName: 'a' }), app('p', 'web', { affinity: notNear(term('db', 'rack')), ...at('a') })],
      want: 'p@a',
    },
    { name: 'is not near what is about it', given: [app('x', 'db', { nodeName: 'a', affinity: notNear(term('web')) }), app('p', 'web')], want: 'p@c' },
    {
      name: 'is nowhere where that is everywhere',
      given: [app('x', 'db', { nodeName: 'b', affinity: notNear(term('web')) }), app('p', 'web', { ...at('a') })],
      want: "p: 1 node(s) didn't satisfy existing pods anti-affinity rules, 2 node(s) didn't match Pod's node affinity/selector",
    },
    {
      name: 'is held off by the labels of its namespace',
      given: [
        namespace('other', { metadata: { labels: { team: 'x' } } }),
        app('x', 'db', { nodeName: 'a', affinity: notNear(term('web', ZONE, { namespaceSelector: { matchLabels: { team: 'x' } } })) }),
        inNamespace(app('p', 'web'), 'other'),
      ],
      want: 'p@c',
    },
    {
      name: 'is not held off from another namespace',
      given: [namespace('other'), inNamespace(app('x', 'db', { nodeName: 'a', affinity: notNear(term('web')) }), 'other'), app('p', 'web', at('a'))],
      want: 'p@a',
    },
  ])('$name', async ({ given, want }) => expect(await placeOf(...given)).toBe(want));

  it('one to a node, in one pass, and the rest wait', async () => {
    const affinity = notNear(term('web', 'kubernetes.io/hostname'));
    const found = places(await scheduled(...nodes, ...['p', 'q', 'r', 's'].map((name) => app(name, 'web', { affinity }))));
    expect(
      found
        .slice(0, 3)
        .map((place) => place.slice(2))
        .sort(),
    ).toEqual(['a', 'b', 'c']);
    expect(found[3]).toContain("s: 0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules. ");
  });
});

describe('a pod that had rather', () => {
  // As full as one another, so that affinity decides.
  it.each([
    { name: 'be near', given: [app('x', 'db', { nodeName: 'c' }), app('p', 'web', { affinity: { podAffinity: preferring(1, term('db')) } })], want: 'p@c' },
    {
      name: 'not be near',
      given: [
        app('x', 'db', { nodeName: 'a' }),
        app('y', 'db', { nodeName: 'b' }),
        app('z', 'x', { nodeName: 'c' }),
        app('p', 'web', { affinity: { podAntiAffinity: preferring(1, term('db')) } }),
      ],
      want: 'p@c',
    },
    {
      name: 'be where another wants it',
      given: [app('x', 'db', { nodeName: 'c', affinity: { podAffinity: preferring(1, term('web')) } }), app('p', 'web')],
      want: 'p@c',
    },
    {
      name: 'be where another has to have it',
      given: [app('w', 'web', { nodeName: 'c' }), app('x', 'db', { nodeName: 'c', affinity: near(term('web')) }), app('p', 'web')],
      want: 'p@c',
    },
    {
      name: 'not be where another had rather not have it',
      given: ['a', 'b']
        .map((name) => app(`x${name}`, 'db', { nodeName: name, affinity: { podAntiAffinity: preferring(1, term('web', 'kubernetes.io/hostname')) } }))
        .concat(app('z', 'x', { nodeName: 'c' }), app('p', 'web')),
      want: 'p@c',
    },
  ])('$name', async ({ given, want }) => expect(await placeOf(...given)).toBe(want));
});
