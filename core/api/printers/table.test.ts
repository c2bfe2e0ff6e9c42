import { expect, it } from 'vitest';
import { createdAtTable } from '../../apis/columns.ts';
import type { Table } from '../../apis/strategy.ts';
import type { KubeObject } from '../../kube/object.ts';
import { tableOf } from './table.ts';

const object = { apiVersion: 'v1', kind: 'Thing', metadata: { name: 'a', creationTimestamp: '2026-01-01T00:00:00Z' }, spec: { size: 3 } };
const sizes: Table<typeof object> = {
  columns: [{ name: 'Size', type: 'integer', format: '', description: 'How large it is.', priority: 1 }],
  cells: ({ spec }) => [spec.size],
};
const options = {
  includeObject: 'Metadata',
  now: 0,
  version: 'meta.k8s.io/v1beta1',
  served: (stored: KubeObject) => ({ ...stored, apiVersion: 'v2' }),
} as const;

it('prints what its kind says', () => {
  expect(tableOf([object], sizes, { resourceVersion: '7' }, options)).toEqual({
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1beta1',
    metadata: { resourceVersion: '7' },
    columnDefinitions: [{ name: 'Size', type: 'integer', format: '', description: 'How large it is.', priority: 1 }],
    rows: [{ cells: [3], object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1beta1', metadata: object.metadata } }],
  });
});

it('prints the name and the time of creation where a kind says nothing', () => {
  const { columnDefinitions, rows } = tableOf([object], createdAtTable, {}, options);
  expect(columnDefinitions!.map(({ name }) => name)).toEqual(['Name', 'Created At']);
  expect(rows[0]!.cells).toEqual(['a', '2026-01-01T00:00:00Z']);
});

it.each([
  { includeObject: 'None' as const, want: null },
  { includeObject: 'Object' as const, want: { ...object, apiVersion: 'v2' } },
])('carries the objects as asked: $includeObject', ({ includeObject, want }) => {
  expect(tableOf([object], sizes, {}, { ...options, includeObject }).rows[0]!.object).toEqual(want);
});
