import { describe, expect, it } from 'vitest';
import { mergeTypeOf } from '../managed-fields/merge-type.ts';
import { schemaOf } from '../schema/built-in-types.ts';
import { revert } from './revert.ts';

const type = mergeTypeOf(schemaOf('io.k8s.api.apps.v1.Deployment')!);
const pod = (spec: object) => ({ spec: { template: { spec } } });
const web = (image: string, more: object = {}) => ({ name: 'web', image, ...more });
const log = (image: string) => ({ name: 'log', image });

const cases: { name: string; before: object; after: object; now: object; want?: object; conflicts?: string[] }[] = [
  {
    name: 'a field is as it was',
    before: { spec: { replicas: 1 } },
    after: { spec: { replicas: 2 } },
    now: { spec: { replicas: 2 } },
    want: { spec: { replicas: 1 } },
  },
  {
    name: 'other fields stay',
    before: { spec: { replicas: 1 } },
    after: { spec: { replicas: 2 } },
    now: { spec: { replicas: 2, paused: true } },
    want: { spec: { replicas: 1, paused: true } },
  },
  {
    name: 'a field that was added goes',
    before: { metadata: {} },
    after: { metadata: { labels: { a: '1' } } },
    now: { metadata: { labels: { a: '1', b: '2' } } },
    want: { metadata: { labels: { b: '2' } } },
  },
  {
    name: 'a map that was added goes',
    before: { metadata: {} },
    after: { metadata: { labels: { a: '1' } } },
    now: { metadata: { labels: { a: '1' } } },
    want: { metadata: {} },
  },
  {
    name: 'a field that was taken away comes back',
    before: { metadata: { labels: { a: '1' } } },
    after: { metadata: {} },
    now: { metadata: { labels: { b: '2' } } },
    want: { metadata: { labels: { a: '1', b: '2' } } },
  },
  {
    name: 'what is undone already stays so',
    before: { spec: { replicas: 1 } },
    after: { spec: { replicas: 2 } },
    now: { spec: { replicas: 1 } },
    want: { spec: { replicas: 1 } },
  },
  {
    name: 'what was changed again is named',
    before: { spec: { replicas: 1, paused: true } },
    after: { spec: { replicas: 2 } },
    now: { spec: { replicas: 3 } },
    conflicts: ['.spec.replicas'],
    want: { spec: { replicas: 1, paused: true } },
  },
  {
    name: 'elements of a list are told apart by their keys',
    before: pod({ containers: [web('nginx:1'), log('fluent:1')] }),
    after: pod({ containers: [web('nginx:2'), log('fluent:1')] }),
    now: pod({ containers: [web('nginx:2', { tty: true }), log('fluent:2')] }),
    want: pod({ containers: [web('nginx:1', { tty: true }), log('fluent:2')] }),
  },
  {
    name: 'an element that was taken out is where it was',
    before: pod({ containers: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] }),
    after: pod({ containers: [{ name: 'a' }, { name: 'c' }] }),
    now: pod({ containers: [{ name: 'a' }, { name: 'c' }, { name: 'd' }] }),
    want: pod({ containers: [{ name: 'a' }, { name: 'b' }, { name: 'c' }, { name: 'd' }] }),
  },
  {
    name: 'a field of an element is named by its key',
    before: pod({ containers: [web('nginx:1')] }),
    after: pod({ containers: [web('nginx:2')] }),
    now: pod({ containers: [web('nginx:3')] }),
    conflicts: ['.spec.template.spec.containers[name="web"].image'],
  },
  {
    name: 'a list that is one value is one field',
    before: pod({ containers: [web('nginx', { args: ['a'] })] }),
    after: pod({ containers: [web('nginx', { args: ['a', 'b'] })] }),
    now: pod({ containers: [web('nginx', { args: ['a', 'b', 'c'] })] }),
    conflicts: ['.spec.template.spec.containers[name="web"].args'],
  },
  {
    name: 'values of a set',
    before: { metadata: { finalizers: ['a/a', 'b/b'] } },
    after: { metadata: { finalizers: ['b/b'] } },
    now: { metadata: { finalizers: ['b/b', 'c/c'] } },
    want: { metadata: { finalizers: ['a/a', 'b/b', 'c/c'] } },
  },
];

describe('a change that is taken back', () => {
  for (const { name, before, after, now, want, conflicts = [] } of cases)
    it(name, () => {
      const reverted = revert({ before, after, now }, type);
      expect(reverted.conflicts).toEqual(conflicts);
      if (want) expect(reverted.value).toEqual(want);
    });
});
