import { describe, expect, it } from 'vitest';
import { resourceByGroupResource, resourceByKind, resourceOf, resources } from './registry.ts';
import { strategies } from './strategies.ts';

describe('the registry', () => {
  it('finds a resource by its path, its name and its kind', () => {
    const deployments = resourceByGroupResource('deployments.apps');
    expect(deployments).toMatchObject({ group: 'apps', resource: 'deployments', singular: 'deployment', shortNames: ['deploy'], namespaced: true });
    expect(resourceOf('apps', 'v1', 'deployments')).toBe(deployments);
    expect(resourceByKind('apps', 'v1', 'Deployment')).toBe(deployments);
    expect(resourceOf('apps', 'v1beta1', 'deployments')).toBeUndefined();
  });

  it('serves GA versions only, the newest first', () => {
    expect(resources.flatMap(({ versions }) => versions).filter(({ version }) => !/^v\d+$/.test(version))).toEqual([]);
    expect(resourceByGroupResource('horizontalpodautoscalers.autoscaling')!.versions.map(({ version }) => version)).toEqual(['v2', 'v1']);
  });

  it('has a resource for every strategy', () => {
    expect(Object.keys(strategies).filter((name) => !resourceByGroupResource(name))).toEqual([]);
  });

  it('prints one cell for each column of every kind of the core group, even of an object with nothing in it', () => {
    for (const { kind, strategy } of resources.filter(({ group }) => group === '')) {
      const cells = strategy.table?.cells({ apiVersion: 'v1', kind, metadata: { name: 'a' } }, 0);
      expect([kind, cells?.length]).toEqual([kind, strategy.table?.columns.length]);
    }
  });

  it('keeps the Events of both groups in one place', () => {
    const { keptAs, versions } = resourceByGroupResource('events.events.k8s.io')!;
    expect(keptAs).toBe('events');
    const kept = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'a', namespace: 'default' },
      involvedObject: { kind: 'Pod', name: 'p' },
      message: 'hello',
      count: 3,
      reportingComponent: 'kubelet',
    };
    const shown = versions[0]!.fromKept!(kept);
    expect(shown).toEqual({
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: kept.metadata,
      regarding: kept.involvedObject,
      note: 'hello',
      deprecatedCount: 3,
      reportingController: 'kubelet',
    });
    expect(versions[0]!.toKept!(shown)).toEqual(kept);
  });
});
