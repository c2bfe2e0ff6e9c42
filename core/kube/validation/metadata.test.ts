import { describe, expect, it } from 'vitest';
import type { KubeObject, ObjectMeta } from '../object.ts';
import { validateObjectMeta, validateObjectMetaUpdate, validateStandardFinalizers } from './metadata.ts';

const object = (metadata: Partial<ObjectMeta>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', namespace: 'default', ...metadata },
});
const texts = (errors: { field: string; message: string }[]) => errors.map(({ field, message }) => `${field}: ${message}`);
const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid: 'u' };

describe('metadata of a new object', () => {
  it.each([
    { name: 'fine', given: { labels: { 'a/b': 'c' }, ownerReferences: [owner] }, want: [] },
    { name: 'no name', given: { name: '' }, want: ['metadata.name: Required value: name or generateName is required'] },
    { name: 'no namespace', given: { namespace: undefined }, want: ['metadata.namespace: Required value'] },
    { name: 'bad namespace', given: { namespace: 'a.b' }, want: ['metadata.namespace: Invalid value: "a.b": must not contain dots'] },
    { name: 'annotation keys may have capitals', given: { annotations: { 'Example.com/A': '' } }, want: [] },
    {
      name: 'annotations too large',
      given: { annotations: { a: 'é'.repeat(131072) } },
      want: ['metadata.annotations: Too long: may not be more than 262144 bytes'],
    },
    {
      name: 'owner without a uid',
      given: { ownerReferences: [{ ...owner, uid: '' }] },
      want: ['metadata.ownerReferences.uid: Invalid value: "": must not be empty'],
    },
    {
      name: 'two controllers',
      given: {
        ownerReferences: [
          { ...owner, controller: true },
          { ...owner, name: 's', controller: true },
        ],
      },
      want: [expect.stringContaining('Only one reference can have Controller set to true. Found "true" in references for ReplicaSet/r and ReplicaSet/s')],
    },
    {
      name: 'contradicting finalizers',
      given: { finalizers: ['orphan', 'foregroundDeletion'] },
      want: ['metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set'],
    },
  ])('$name', ({ given, want }) => expect(texts(validateObjectMeta(object(given as Partial<ObjectMeta>), { namespaced: true }))).toEqual(want));

  it.each([
    {
      name: 'a core owner without its version',
      given: { apiVersion: 'apps/' },
      want: 'metadata.ownerReferences.apiVersion: Invalid value: "apps/": version must not be empty',
    },
    {
      name: 'an owner of no version',
      given: { apiVersion: 'a/b/c' },
      want: 'metadata.ownerReferences.apiVersion: Invalid value: "a/b/c": version must not be empty',
    },
  ])('$name', ({ given, want }) =>
    expect(texts(validateObjectMeta(object({ ownerReferences: [{ ...owner, ...given }] }), { namespaced: true }))).toEqual([want]),
  );

  it.each([
    { finalizers: ['kubernetes', 'orphan', 'example.com/a'], want: [] },
    {
      finalizers: ['a/b', 'plain.example.com'],
      want: ['metadata.finalizers[1]: Invalid value: "plain.example.com": name is neither a standard finalizer name nor is it fully qualified'],
    },
  ])('finalizers of Kubernetes’ own kinds: $finalizers', ({ finalizers, want }) => {
    expect(texts(validateStandardFinalizers(finalizers))).toEqual(want);
    expect(texts(validateObjectMeta(object({ finalizers }), { namespaced: true }))).toEqual([]);
  });

  it('has no namespace where its kind has none', () => {
    expect(texts(validateObjectMeta(object({}), { namespaced: false }))).toEqual(['metadata.namespace: Forbidden: not allowed on this type']);
  });
});

describe('metadata of an update', () => {
  const before = { uid: '1', creationTimestamp: '2024-01-01T00:00:00Z', generation: 2 };
  it.each([
    { name: 'labels may change', given: { ...before, labels: { a: 'b' } }, want: [] },
    { name: 'uid', given: { ...before, uid: '2' }, want: ['metadata.uid: Invalid value: "2": field is immutable'] },
    { name: 'generation', given: { ...before, generation: 1 }, want: ['metadata.generation: Invalid value: 1: must not be decremented'] },
  ])('$name', ({ given, want }) => expect(texts(validateObjectMetaUpdate(object(given), object(before)))).toEqual(want));

  it('adds no finalizer to what is being deleted', () => {
    const deleted = { ...before, deletionTimestamp: '2024-01-02T00:00:00Z', finalizers: ['a/b'] };
    expect(texts(validateObjectMetaUpdate(object({ ...deleted, finalizers: ['a/b', 'c/d'] }), object(deleted)))).toEqual([
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"c/d"}',
    ]);
    expect(validateObjectMetaUpdate(object({ ...deleted, finalizers: [] }), object(deleted))).toEqual([]);
  });
});
