import { expect, it } from 'vitest';
import type { KubeObject } from '../kube/object.ts';
import type { StatusError } from '../kube/status.ts';
import { exactField, matchesFields, parseFieldSelector } from './field-selectors.ts';

type Thing = KubeObject & { spec: { color: string } };

const kind = { kind: 'Thing', strategy: { selectableFields: { 'spec.color': ({ spec }: Thing) => spec.color } } };
const plain = { kind: 'Plain', strategy: {} };
const red: Thing = { apiVersion: 'v1', kind: 'Thing', metadata: { name: 'a', namespace: 'n' }, spec: { color: 'red' } };

it.each([
  { selector: '', want: true },
  { selector: 'metadata.name=a', want: true },
  { selector: 'metadata.name==a,metadata.namespace=n', want: true },
  { selector: 'metadata.name!=a', want: false },
  { selector: 'spec.color=red,metadata.name=a', want: true },
  { selector: 'spec.color=blue', want: false },
  { selector: 'spec.color!=blue,', want: true },
  { selector: 'spec.color=r\\,e\\=d', want: false },
])('"$selector": $want', ({ selector, want }) => {
  expect(matchesFields(parseFieldSelector(selector, kind), red, kind)).toBe(want);
});

it.each([
  { selector: 'spec.size=1', of: kind, message: 'field label not supported: spec.size' },
  { selector: 'spec.size=1', of: { ...kind, kind: 'Job' }, message: 'field label "spec.size" not supported for Job' },
  { selector: 'spec.size=1', of: plain, message: '"spec.size" is not a known field selector: only "metadata.name", "metadata.namespace"' },
  { selector: 'metadata.name', of: plain, message: "invalid selector: 'metadata.name'; can't understand 'metadata.name'" },
  { selector: 'metadata.name=a\\b', of: plain, message: 'invalid field selector: invalid escape sequence: \\b' },
])('"$selector" is refused for a $of.kind', ({ selector, of, message }) => {
  expect(() => parseFieldSelector(selector, of)).toThrow(expect.objectContaining({ message, code: 400 }) as unknown as StatusError);
});

it('knows the one value that is selected', () => {
  const requirements = parseFieldSelector('metadata.name=a,metadata.namespace!=n', plain);
  expect([exactField(requirements, 'metadata.name'), exactField(requirements, 'metadata.namespace')]).toEqual(['a', undefined]);
});
