import { describe, expect, it } from 'vitest';
import { Apis } from './apis.ts';
import { strategies } from './strategies.ts';

describe('the registry', () => {
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
