import { describe, expect, it } from 'vitest';
import { clusterInstant } from '../instant.ts';
import { selects } from '../kube/label-selector.ts';
import type { KubeObject } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import type { ClusterRole, ClusterRoleBinding } from '../schema/generated/kinds.ts';
import { decision } from '../testing/decisions.ts';
import { resourceNameOf, stateOf } from '../testing/state.ts';
import { context } from '../testing/strategies.ts';
import { bootstrapObjects } from './initial-objects.ts';

describe('a new cluster', () => {
  it('can be created object by object', () => {
    const made: KubeObject[] = [];
    for (const object of bootstrapObjects(0)) {
      const { env } = context(stateOf([]));
      made.push(
        decision(stateOf(made), { type: 'create', resource: resourceNameOf(object), object }, { env, now: clusterInstant(0), actor: userNamed('test') }).object,
      );
    }
    expect(made.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name)).toEqual([
      'default',
      'kube-system',
      'kube-public',
      'kube-node-lease',
    ]);
    expect(made.find(({ kind }) => kind === 'Service')).toMatchObject({ spec: { clusterIP: '10.96.0.1', clusterIPs: ['10.96.0.1'] } });
  });

  it('has aggregated roles that are what they aggregate', () => {
    const roles = bootstrapObjects(0).filter(({ kind }) => kind === 'ClusterRole') as ClusterRole[];
    const byName = (name: string) => roles.find(({ metadata }) => metadata.name === name)!;
    const rulesOf = (role: ClusterRole): string[] => (role.rules ?? []).map((rule) => JSON.stringify(rule));
    for (const name of ['admin', 'edit', 'view']) {
      const [selector] = byName(name).aggregationRule!.clusterRoleSelectors!;
      const collected = roles.filter(({ metadata }) => selects(selector, metadata.labels)).flatMap(rulesOf);
      expect(new Set(rulesOf(byName(name)))).toEqual(new Set(collected));
    }
  });

  it('binds only roles that are there', () => {
    const objects = bootstrapObjects(0);
    const names = objects.filter(({ kind }) => kind === 'ClusterRole').map(({ metadata }) => metadata.name);
    for (const binding of objects.filter(({ kind }) => kind === 'ClusterRoleBinding') as ClusterRoleBinding[]) expect(names).toContain(binding.roleRef.name);
  });
});
