import { describe, expect, it } from 'vitest';
import type { ApiResource } from '../../apis/api-resource.ts';
import { Apis } from '../../apis/apis.ts';
import { aggregatedDiscovery, group, groupList, legacyVersions, resourceList } from './discovery.ts';

/** A cluster that serves a resource of other groups besides. */
const servingAlso = (...groups: readonly string[]) =>
  Apis.with(new Map([['a', groups.map((group): ApiResource => ({ ...Apis.builtIn.resources[0]!, group, groupResource: `things.${group}` }))]]));

describe('legacy discovery', () => {
  it('lists the versions of the legacy group', () => {
    expect(legacyVersions(Apis.builtIn, '127.0.0.1:7443')).toEqual({
      kind: 'APIVersions',
      versions: ['v1'],
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '127.0.0.1:7443' }],
    });
  });

  it('lists the groups in the order of kube-apiserver, preferred versions first', () => {
    const { groups } = groupList(Apis.builtIn);
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
    expect(group(Apis.builtIn, 'autoscaling')).toEqual({
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

  it('puts groups that Kubernetes does not have last, by name, and its own behind them', () => {
    const names = groupList(servingAlso('zoo.dev', 'logplane.dev')).groups.map(({ name }) => name);
    expect(names.slice(-2)).toEqual(['zoo.dev', 'logplane.dev']);
  });

  it('lists the resources of a version with their subresources', () => {
    const { resources: list, groupVersion } = resourceList(Apis.builtIn, 'apps', 'v1');
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
    expect(resourceList(Apis.builtIn, '', 'v1').resources.map(({ name }) => name)).toContain('pods/log');
  });

  it('answers 404 for what is not served', () => {
    expect(() => group(Apis.builtIn, 'nope.dev')).toThrow('the server could not find the requested resource');
    expect(() => group(Apis.builtIn, '')).toThrow('the server could not find the requested resource');
    expect(() => resourceList(Apis.builtIn, 'apps', 'v9')).toThrow('the server could not find the requested resource');
  });
});

describe('aggregated discovery', () => {
  it('holds everything of /apis', () => {
    const { body } = aggregatedDiscovery(Apis.builtIn, '/apis');
    expect(body).toMatchObject({ kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2' });
    const apps = body.items.find(({ metadata }) => metadata.name === 'apps')!;
    expect(apps.versions[0]!.resources.find(({ resource }) => resource === 'deployments')).toEqual({
      resource: 'deployments',
      responseKind: { group: '', version: '', kind: 'Deployment' },
      scope: 'Namespaced',
      singularResource: 'deployment',
      verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
      shortNames: ['deploy'],
      categories: ['all'],
      subresources: [
        { subresource: 'scale', responseKind: { group: 'autoscaling', version: 'v1', kind: 'Scale' }, verbs: ['get', 'patch', 'update'] },
        { subresource: 'status', responseKind: { group: '', version: '', kind: 'Deployment' }, verbs: ['get', 'patch', 'update'] },
      ],
    });
    expect(body.items.some(({ metadata }) => !metadata.name)).toBe(false);
  });

  it('holds the legacy group alone for /api', () => {
    const { body } = aggregatedDiscovery(Apis.builtIn, '/api');
    expect(body.items.map(({ metadata, versions }) => [metadata, versions.map(({ version }) => version)])).toEqual([[{}, ['v1']]]);
  });

  it('has a hash that changes with what is served', () => {
    const { etag } = aggregatedDiscovery(Apis.builtIn, '/apis');
    expect(etag).toMatch(/^"[0-9A-F]{128}"$/);
    expect(aggregatedDiscovery(Apis.builtIn, '/apis').etag).toBe(etag);
    expect(aggregatedDiscovery(servingAlso('logplane.dev'), '/apis').etag).not.toBe(etag);
  });
});
