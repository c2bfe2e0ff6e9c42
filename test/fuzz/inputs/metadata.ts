import { CONFIGMAPS, fields, type RequestInput, times } from '../input.ts';
import { LIST, MB, metadata } from './posted.ts';

const owner = { apiVersion: 'v1', kind: 'A', uid: 'u' };

/** Metadata and data with as much of one thing as a body or a list may hold: 3 MB, 10,000 elements. Most are refused, many times over. */
export const metadataInputs: readonly RequestInput[] = [
  { name: 'name', size: 2 * MB, code: 422, request: (size) => metadata({ name: 'a.'.repeat(size / 2) }) },
  { name: 'name that is wrong at its end', size: 2 * MB, code: 422, request: (size) => metadata({ name: `${'a-'.repeat(size / 2)}!` }) },
  { name: 'labels', size: 100_000, code: 201, request: (size) => metadata({ labels: fields(size, () => 'v') }) },
  { name: 'labels that are wrong', size: 200_000, short: 20_000, code: 422, request: (size) => metadata({ labels: fields(size, () => '!', '!') }) },
  { name: 'annotations', size: 20_000, code: 422, request: (size) => metadata({ annotations: fields(size, () => 'value of it') }) },
  { name: 'annotations that are wrong', size: 200_000, short: 20_000, code: 422, request: (size) => metadata({ annotations: fields(size, () => '', '!') }) },
  { name: 'owners', size: LIST, code: 201, request: (size) => metadata({ ownerReferences: times(size, (i) => ({ ...owner, name: `n${i}` })) }) },
  {
    name: 'owners that all control it',
    size: LIST,
    code: 422,
    request: (size) => metadata({ ownerReferences: times(size, (i) => ({ ...owner, name: `n${i}`, controller: true })) }),
  },
  { name: 'owners that are empty', size: LIST, code: 422, request: (size) => metadata({ ownerReferences: times(size, () => ({})) }) },
  {
    name: 'finalizers',
    size: LIST,
    code: 422,
    request: (size) => metadata({ finalizers: ['orphan', 'foregroundDeletion', ...times(size - 2, (i) => `f${i}!`)] }),
  },
  {
    name: 'managed fields',
    size: LIST,
    code: 201,
    request: (size) => metadata({ managedFields: times(size, () => ({ fieldsType: 'FieldsV1', fieldsV1: {} })) }),
  },
  { name: 'a time', size: MB, code: 400, request: (size) => metadata({ creationTimestamp: '2026-01-01T00:00:00.'.padEnd(size, '9') }) },
  { name: 'a time that is wrong', size: MB, code: 400, request: (size) => metadata({ creationTimestamp: '\u0001'.repeat(size / 6) }) },
  {
    name: 'data',
    size: 50_000,
    code: 422,
    request: (size) => ({ line: `POST ${CONFIGMAPS}?dryRun=All`, options: { body: { metadata: { name: 'b' }, data: fields(size, () => '', '!') } } }),
  },
  {
    name: 'data in base64',
    size: 2 * MB,
    code: 422,
    request: (size) => ({
      line: 'POST /api/v1/namespaces/default/secrets?dryRun=All',
      options: { body: { metadata: { name: 'b' }, data: { a: 'QUFB'.repeat(size / 4) } } },
    }),
  },
  {
    name: 'data in wrong base64',
    size: 2 * MB,
    code: 400,
    request: (size) => ({
      line: 'POST /api/v1/namespaces/default/secrets?dryRun=All',
      options: { body: { metadata: { name: 'b' }, data: { a: `${'QUFB'.repeat(size / 4)}!` } } },
    }),
  },
];
