import { describe, expect, it } from 'vitest';
import { clusterInstant } from '../instant.ts';
import type { KubeObject } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import { decision } from '../testing/decisions.ts';
import { resourceNameOf, stateOf } from '../testing/state.ts';
import { context } from '../testing/strategies.ts';
import { bootstrapObjects } from './initial-objects.ts';
import { metricsServer } from './metrics-server.ts';

describe('a new cluster', () => {
  it('can be created object by object', () => {
    const made: KubeObject[] = [];
    for (const object of [...bootstrapObjects(0), ...metricsServer()]) {
      const { env } = context(stateOf([]));
      made.push(
        decision(
          stateOf(made),
          { type: 'create', resource: resourceNameOf(object), object },
          { env, now: clusterInstant(0), actor: userNamed('system:apiserver') },
        ).object,
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
});
