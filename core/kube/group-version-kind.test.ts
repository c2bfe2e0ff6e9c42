import { expect, it } from 'vitest';
import { apiVersionOf, groupVersionOf } from './group-version-kind.ts';

it.each([
  ['v1', { group: '', version: 'v1' }],
  ['apps/v1', { group: 'apps', version: 'v1' }],
  ['networking.k8s.io/v1', { group: 'networking.k8s.io', version: 'v1' }],
  ['', { group: '', version: '' }],
])('%j is read, and written again', (apiVersion, want) => {
  expect(groupVersionOf(apiVersion)).toEqual(want);
  expect(apiVersionOf(want)).toBe(apiVersion);
});
