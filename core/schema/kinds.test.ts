import { expect, it } from 'vitest';
import type { Deployment, KubeObject, Pod } from './generated/kinds.ts';

// The generator is plain JavaScript: it runs before there is a TypeScript to be had.
const load = (name: string) => import(new URL(`../../scripts/generate/${name}`, import.meta.url).href);
const { writeKinds }: { writeKinds(schema: object, resources: readonly object[]): string } = await load('kinds.mjs');
const { mergePatch }: { mergePatch(target: unknown, patch: unknown): unknown } = await load('schema.mjs');

const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';
const string = { type: 'string' };
const kind = (group: string, version: string) => ({
  gvk: [{ group, version, kind: 'Event' }],
  fields: { apiVersion: string, kind: string, metadata: { ref: objectMeta }, note: string },
});

it('writes an interface for each type, tells those of the same name apart, and says which of them is stored of each resource', () => {
  const schema = {
    'io.k8s.api.core.v1.Event': kind('', 'v1'),
    'io.k8s.api.events.v1.Event': kind('events.k8s.io', 'v1'),
    'io.k8s.api.autoscaling.v1.Spec': { required: ['replicas'], fields: { replicas: { type: 'integer', format: 'int32' } } },
    'io.k8s.api.autoscaling.v2.Spec': {
      fields: { events: { type: 'array', items: { ref: 'io.k8s.api.events.v1.Event' } }, 'x-old': { ref: 'io.k8s.api.autoscaling.v1.Spec' } },
    },
    'io.k8s.api.a.v1.Part': { fields: { labels: { type: 'object', map: string } } },
    'io.k8s.api.b.v1.Part': { fields: { template: { ref: objectMeta } } },
    [objectMeta]: { fields: { name: string } },
  };
  const resources = [
    { group: '', resource: 'events', type: 'io.k8s.api.core.v1.Event' },
    { group: 'events.k8s.io', resource: 'events', type: 'io.k8s.api.events.v1.Event' },
    { group: 'autoscaling', resource: 'specs', type: 'io.k8s.api.autoscaling.v2.Spec' },
    { group: 'autoscaling', resource: 'specs', type: 'io.k8s.api.autoscaling.v1.Spec' },
  ];
  const text = writeKinds(schema, resources);
  expect(text.slice(text.indexOf('export interface'))).toBe(`export interface Event extends KubeObject {
  note?: string;
}

export interface EventsEvent extends KubeObject {
  note?: string;
}

export interface AutoscalingV1Spec {
  replicas: number;
}

export interface Spec {
  events?: EventsEvent[];
  'x-old'?: AutoscalingV1Spec;
}

export interface APart {
  labels?: Record<string, string>;
}

export interface BPart {
  template?: Partial<ObjectMeta>;
}

/** The type of the objects of each resource as they are stored: in its preferred version. */
export interface Kinds {
  events: Event;
  'specs.autoscaling': Spec;
}
`);
});

it('merges facts as RFC 7386 says', () => {
  expect(mergePatch({ a: { b: 1, c: 2 }, d: [1] }, { a: { b: null, e: { f: null } }, d: [2] })).toEqual({ a: { c: 2, e: {} }, d: [2] });
});

// What a reader of the kinds relies on; tsc checks it.
it('makes objects of every kind objects', () => {
  const pod: Pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: { containers: [{ name: 'c', resources: { limits: { cpu: '1' } } }] } };
  const deployment: Deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'a' },
    spec: { selector: {}, strategy: { rollingUpdate: { maxSurge: '25%' } }, template: { metadata: { labels: { a: 'b' } }, spec: pod.spec! } },
  };
  const objects: KubeObject[] = [pod, deployment];
  // @ts-expect-error a container has a name
  const nameless: Pod['spec'] = { containers: [{ image: 'a' }] };
  expect([...objects.map(({ kind }) => kind), nameless]).toHaveLength(3);
});
