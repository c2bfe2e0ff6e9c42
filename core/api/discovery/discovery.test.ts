import { describe, expect, it } from 'vitest';
import type { Resource } from '../../apis/api-resource.ts';
import { resources } from '../../apis/registry.ts';
import { aggregatedDiscovery, byVersion, group, groupList, legacyVersions, resourceList } from './discovery.ts';

describe('legacy discovery', () => {
  it('lists the versions of the legacy group', () => {
    expect(legacyVersions(resources, '127.0.0.1:7443')).toEqual({
      kind: 'APIVersions',
      versions: ['v1'],
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '127.0.0.1:7443' }],
    });
  });

  it('lists the groups in the order of kube-apiserver, preferred versions first', () => {
    const { groups } = groupList(resources);
    expect(groups.slice(0, 8).map(({ name }) => name)).toEqual([
      'apiregistration.k8s.io',
      'apps',
      'events.k8s.io',
      'authentication.k8s.io',
      'authorization.k8s.io',
      'autoscaling',
      'batch',
      'certificates.k8s.io',
    ]);
    expect(group(resources, 'autoscaling')).toEqual({
      kind: 'APIGroup',
      apiVersion: 'v1',
      name: 'autoscaling',
      versions: [
        { groupVersion: 'autoscaling/v2', version: 'v2' },
        { groupVersion: 'autoscaling/v1', version: 'v1' },
      ],
      preferredVersion: { groupVersion: 'autoscaling/v2', version: 'v2' },
    });
  });

  it('puts groups that Kubernetes does not have last, by name', () => {
    const custom = (name: string): Resource => ({ ...resources[0]!, group: name });
    const names = groupList([custom('zoo.dev'), custom('logplane.dev'), ...resources]).groups.map(({ name }) => name);
    expect(names.slice(-2)).toEqual(['logplane.dev', 'zoo.dev']);
  });

  it('lists the resources of a version with their subresources', () => {
    const { resources: list, groupVersion } = resourceList(resources, 'apps', 'v1');
    expect(groupVersion).toBe('apps/v1');
    expect(list.filter(({ name }) => name.startsWith('deployments'))).toEqual([
      {
        name: 'deployments',
        singularName: 'deployment',
        namespaced: true,
        kind: 'Deployment',
        verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
        shortNames: ['deploy'],
        categories: ['all'],
        // As a real kube-apiserver prints it.
        storageVersionHash: '8aSe+NMegvE=',
      },
      { name: 'deployments/scale', singularName: '', namespaced: true, group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: ['get', 'patch', 'update'] },
      { name: 'deployments/status', singularName: '', namespaced: true, kind: 'Deployment', verbs: ['get', 'patch', 'update'] },
    ]);
    expect(resourceList(resources, '', 'v1').resources.map(({ name }) => name)).toContain('pods/log');
  });

  it('answers 404 for what is not served', () => {
    expect(() => group(resources, 'nope.dev')).toThrow('the server could not find the requested resource');
    expect(() => group(resources, '')).toThrow('the server could not find the requested resource');
    expect(() => resourceList(resources, 'apps', 'v9')).toThrow('the server could not find the requested resource');
  });
});

describe('aggregated discovery', () => {
  it('holds everything of /apis', () => {
    const { body } = aggregatedDiscovery(resources, '/apis');
    expect(body).toMatchObject({ kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2' });
    const apps = body.items.find(({ metadata }) => metadata.name === 'apps')!;
    expect(apps.versions[0]!.resources.find(({ resource }) => resource === 'deployments')).toEqual({
      resource: 'deployments',
      responseKind: { group: 'apps', version: 'v1', kind: 'Deployment' },
      scope: 'Namespaced',
      singularResource: 'deployment',
      verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
      shortNames: ['deploy'],
      categories: ['all'],
      subresources: [
        { subresource: 'scale', responseKind: { group: 'autoscaling', version: 'v1', kind: 'Scale' }, verbs: ['get', 'patch', 'update'] },
        { subresource: 'status', responseKind: { group: 'apps', version: 'v1', kind: 'Deployment' }, verbs: ['get', 'patch', 'update'] },
      ],
    });
    expect(body.items.some(({ metadata }) => !metadata.name)).toBe(false);
  });

  it('holds the legacy group alone for /api', () => {
    const { body } = aggregatedDiscovery(resources, '/api');
    expect(body.items.map(({ metadata, versions }) => [metadata, versions.map(({ version }) => version)])).toEqual([[{}, ['v1']]]);
  });

  it('has a hash that changes with what is served', () => {
    const { etag } = aggregatedDiscovery(resources, '/apis');
    expect(etag).toMatch(/^"[0-9A-F]{128}"$/);
    expect(aggregatedDiscovery(resources, '/apis').etag).toBe(etag);
    expect(aggregatedDiscovery(resources.slice(0, -1), '/apis').etag).not.toBe(etag);
  });
});

it('orders versions as Kubernetes does', () => {
  const versions = ['v1alpha1', 'v1', 'foo', 'v2beta1', 'v10', 'v1beta2', 'v2', 'v1beta1'];
  expect(versions.sort(byVersion)).toEqual(['v10', 'v2', 'v1', 'v2beta1', 'v1beta2', 'v1beta1', 'v1alpha1', 'foo']);
});
