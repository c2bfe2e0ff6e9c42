import { describe, expect, it } from 'vitest';
import { fieldMaskOf } from './field-mask.ts';

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', namespace: 'shop', resourceVersion: '7', uid: 'u', annotations: { 'example.com/team': 'x', other: 'y' } },
  spec: { nodeName: 'n', containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '1' } } }, { name: 'd' }], empty: [] },
  status: { phase: 'Running' },
};
const id = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'shop', resourceVersion: '7' } };

describe('a field mask', () => {
  const cases: { name: string; given: string; want: object }[] = [
    { name: 'has what names an object in any case', given: 'spec.missing', want: id },
    { name: 'takes all that is below a path', given: 'status', want: { ...id, status: pod.status } },
    { name: 'goes through lists, and keeps their length', given: 'spec.containers.image', want: { ...id, spec: { containers: [{ image: 'i' }, {}] } } },
    { name: 'takes several', given: 'spec.nodeName, status.phase', want: { ...id, spec: { nodeName: 'n' }, status: { phase: 'Running' } } },
    { name: 'takes the whole of what is named twice', given: 'status.phase,status', want: { ...id, status: pod.status } },
    {
      name: 'has a backslash in front of a dot of a name',
      given: 'metadata.annotations.example\\.com/team',
      want: { ...id, metadata: { ...id.metadata, annotations: { 'example.com/team': 'x' } } },
    },
    { name: 'finds nothing that the object has not itself', given: 'spec.constructor,spec.__proto__,toString', want: id },
  ];
  for (const { name, given, want } of cases) it(name, () => expect(fieldMaskOf(given).of(pod)).toEqual(want));

  it.each([
    ['spec', false],
    ['metadata.labels', false],
    ['metadata', true],
    ['metadata.managedFields.manager', true],
  ])('of %s says whether it takes managed fields', (text, want) => expect(fieldMaskOf(text).takesManagedFields).toBe(want));

  it('keeps a field of an odd name for what it is', () => {
    const odd = JSON.parse('{"kind":"X","spec":{"__proto__":{"a":1},"b":2}}') as object;
    expect(JSON.stringify(fieldMaskOf('spec.__proto__.a').of(odd))).toBe('{"kind":"X","spec":{"__proto__":{"a":1}}}');
  });

  for (const text of ['', 'a..b', '.a', 'a.', 'a,,b', 'a\\', Array.from({ length: 101 }, (_, i) => `f${i}`).join(), `${'a.'.repeat(30)}a`])
    it(`refuses ${JSON.stringify(text.slice(0, 20))}`, () => expect(() => fieldMaskOf(text)).toThrow(/^fields: /));
});
