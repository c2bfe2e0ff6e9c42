import { expect, it } from 'vitest';
import { byVersion } from './version-order.ts';

it('orders versions as Kubernetes does', () => {
  const versions = ['v1alpha1', 'v1', 'foo', 'v2beta1', 'v10', 'v1beta2', 'v2', 'v1beta1'];
  expect(versions.sort(byVersion)).toEqual(['v10', 'v2', 'v1', 'v2beta1', 'v1beta2', 'v1beta1', 'v1alpha1', 'foo']);
});
