import { describe, expect, it } from 'vitest';
import type { ApiResource } from './api-resource.ts';
import { Apis } from './apis.ts';
import { strategies } from './strategies.ts';

describe('what is served', () => {
  it('finds a resource by its path, its name and its kind', () => {
    const deployments = Apis.builtIn.resource('deployments.apps');
    expect(deployments).toMatchObject({ group: 'apps', resource: 'deployments', singular: 'deployment', shortNames: ['deploy'], namespaced: true });
    expect(Apis.builtIn.atPath('apps', 'v1', 'deployments')).toBe(deployments);
    expect(Apis.builtIn.ofKind('apps/v1', 'Deployment')).toBe(deployments);
    expect(Apis.builtIn.atPath('apps', 'v1beta1', 'deployments')).toBeUndefined();
  });

  it('serves GA versions only, the newest first', () => {
    expect(Apis.builtIn.resources.flatMap(({ versions }) => versions).filter(({ version }) => !/^v\d+$/.test(version))).toEqual([]);
    expect(Apis.builtIn.resource('horizontalpodautoscalers.autoscaling')!.versions.map(({ version }) => version)).toEqual(['v2', 'v1']);
  });

  it('has a resource for every strategy', () => {
    expect(Object.keys(strategies).filter((name) => !Apis.builtIn.resource(name))).toEqual([]);
  });

  it('prints one cell for each column of every kind of the core group, even of an object with nothing in it', () => {
    for (const { kind, strategy } of Apis.builtIn.resources.filter(({ group }) => group === '')) {
      const cells = strategy.table?.cells({ apiVersion: 'v1', kind, metadata: { name: 'a' } }, 0);
      expect([kind, cells?.length]).toEqual([kind, strategy.table?.columns.length]);
    }
  });

  it('adds what objects establish, in the order of their keys, and serves the first of a name', () => {
    const like = (resource: string, group: string): ApiResource => ({
      ...Apis.builtIn.resource('deployments.apps')!,
      resource,
      group,
      groupResource: `${resource}.${group}`,
    });
    const [a, b, twice, taken] = [like('as', 'example.com'), like('bs', 'example.com'), like('as', 'example.com'), like('deployments', 'apps')];
    const apis = Apis.with(
      new Map([
        ['z', [twice, taken]],
        ['b', [b]],
        ['a', [a]],
      ]),
    );
    expect(apis.resources).toEqual([...Apis.builtIn.resources, a, b]);
    expect(apis.resource('as.example.com')).toBe(a);
    expect(apis.resource('deployments.apps')).toBe(Apis.builtIn.resource('deployments.apps'));
    expect(apis.hasGroup('example.com')).toBe(true);
    expect(Apis.with(new Map())).toBe(Apis.builtIn);
  });

  it('keeps the Events of both groups in one place', () => {
    const { storedAs, versions } = Apis.builtIn.resource('events.events.k8s.io')!;
    expect(storedAs).toBe('events');
    const stored = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'a', namespace: 'default' },
      involvedObject: { kind: 'Pod', name: 'p' },
      message: 'hello',
      count: 3,
      reportingComponent: 'kubelet',
    };
    const shown = versions[0]!.conversion!.fromStorage(stored);
    expect(shown).toEqual({
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: stored.metadata,
      regarding: stored.involvedObject,
      note: 'hello',
      deprecatedCount: 3,
      reportingController: 'kubelet',
    });
    expect(versions[0]!.conversion!.toStorage(shown)).toEqual(stored);
  });
});
