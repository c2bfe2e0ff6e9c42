import { describe, expect, it } from 'vitest';
import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from '../../schema/generated/kinds.ts';
import { stateOf } from '../../testing/state.ts';
import { cell, context, defaulted, problems, texts, updateProblems } from '../../testing/strategies.ts';
import { strategy as controllerRevisions } from './controllerrevision.ts';
import { strategy as daemonSets } from './daemonset.ts';
import { strategy as deployments } from './deployment.ts';
import { strategy as replicaSets } from './replicaset.ts';
import { strategy as statefulSets } from './statefulset.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests write specs that the types forbid
const workload = (kind: string, spec: any = {}) => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name: 'web', namespace: 'default', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
    ...spec,
  },
});
const deployment = (spec?: object) => workload('Deployment', spec) as Deployment;
const statefulSet = (spec?: object) => workload('StatefulSet', spec) as StatefulSet;
const daemonSet = (spec?: object) => workload('DaemonSet', spec) as DaemonSet;
const replicaSet = (spec?: object) => workload('ReplicaSet', spec) as ReplicaSet;
const NOW = Date.parse('2026-01-01T00:05:00Z');

describe('a DaemonSet', () => {
  const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';
  const generationOf = ({ metadata }: DaemonSet) => metadata.annotations?.[TEMPLATE_GENERATION];
  it('counts how often its template has changed, whatever its writer says', () => {
    const made = daemonSet();
    daemonSets.prepareForCreate!(made, context(stateOf([])));
    expect(generationOf(made)).toBe('1');
    const same = { ...structuredClone(made), metadata: { ...made.metadata, annotations: { [TEMPLATE_GENERATION]: '7' } } };
    daemonSets.prepareForUpdate!(same, made, context(stateOf([])));
    expect(generationOf(same)).toBe('1');
    const changed = structuredClone(made);
    changed.spec!.template.spec!.containers[0]!.image = 'nginx:2';
    daemonSets.prepareForUpdate!(changed, made, context(stateOf([])));
    expect(generationOf(changed)).toBe('2');
  });
});

describe('defaults', () => {
  it('of a Deployment', () => {
    const { template, selector, ...spec } = defaulted(deployments, deployment()).spec!;
    expect(spec).toEqual({
      replicas: 1,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
    });
    expect(template.spec).toMatchObject({ restartPolicy: 'Always', dnsPolicy: 'ClusterFirst', terminationGracePeriodSeconds: 30 });
  });

  it('of a StatefulSet, and of its claim templates', () => {
    const claim = { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } };
    const { template, selector, volumeClaimTemplates, ...spec } = defaulted(statefulSets, statefulSet({ volumeClaimTemplates: [claim] })).spec!;
    expect(spec).toEqual({
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      replicas: 1,
      revisionHistoryLimit: 10,
    });
    expect(volumeClaimTemplates).toEqual([
      { ...claim, apiVersion: 'v1', kind: 'PersistentVolumeClaim', spec: { ...claim.spec, volumeMode: 'Filesystem' }, status: { phase: 'Pending' } },
    ]);
  });

  it('of a StatefulSet whose update strategy is only named', () => {
    expect(defaulted(statefulSets, statefulSet({ updateStrategy: { type: 'RollingUpdate' } })).spec!.updateStrategy).toEqual({ type: 'RollingUpdate' });
  });

  it('of a DaemonSet', () => {
    const { template, selector, ...spec } = defaulted(daemonSets, daemonSet()).spec!;
    expect(spec).toEqual({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } }, revisionHistoryLimit: 10 });
  });

  it('of a ReplicaSet', () => expect(defaulted(replicaSets, replicaSet()).spec!.replicas).toBe(1));

  it('change nothing the second time', () => {
    const claims = [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'] } }];
    const once = defaulted(statefulSets, statefulSet({ volumeClaimTemplates: claims }));
    expect(defaulted(statefulSets, once)).toEqual(once);
    const first = defaulted(deployments, deployment());
    expect(defaulted(deployments, first)).toEqual(first);
  });
});

describe('validation', () => {
  const rolling = (rollingUpdate: object) => ({ strategy: { type: 'RollingUpdate', rollingUpdate } });
  const cases: { name: string; given: string[]; want: string[] }[] = [
    { name: 'a good Deployment', given: problems(deployments, deployment()), want: [] },
    {
      name: 'a Deployment without a selector',
      given: problems(deployments, deployment({ selector: undefined })),
      want: ['spec.selector: Required value', 'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`'],
    },
    {
      name: 'a selector that does not match the template',
      given: problems(deployments, deployment({ selector: { matchLabels: { app: 'db' } } })),
      want: ['spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`'],
    },
    {
      name: 'an empty selector',
      given: problems(deployments, deployment({ selector: {} })),
      want: ['spec.selector: Invalid value: {}: empty selector is invalid for deployment'],
    },
    {
      name: 'a negative number of replicas',
      given: problems(deployments, deployment({ replicas: -1 })),
      want: ['spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
    },
    {
      name: 'a strategy that is not known',
      given: problems(deployments, deployment({ strategy: { type: 'Canary' } })),
      want: ['spec.strategy: Unsupported value: {"Type":"Canary","RollingUpdate":null}: supported values: "Recreate", "RollingUpdate"'],
    },
    {
      name: 'Recreate with the parameters of RollingUpdate',
      given: problems(deployments, deployment({ strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } })),
      want: ["spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"],
    },
    {
      name: 'a rolling update that cannot move',
      given: problems(deployments, deployment(rolling({ maxUnavailable: 0, maxSurge: '0%' }))),
      want: ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0'],
    },
    {
      name: 'more than all unavailable',
      given: problems(deployments, deployment(rolling({ maxUnavailable: '101%' }))),
      want: ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%'],
    },
    {
      name: 'a malformed percentage',
      given: problems(deployments, deployment(rolling({ maxSurge: 'half' }))),
      want: [
        "spec.strategy.rollingUpdate.maxSurge: Invalid value: \"half\": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
      ],
    },
    {
      name: 'a deadline within which no pod gets available',
      given: problems(deployments, deployment({ progressDeadlineSeconds: 10, minReadySeconds: 10 })),
      want: ['spec.progressDeadlineSeconds: Invalid value: 10: must be greater than minReadySeconds'],
    },
    {
      name: 'pods that end, in a Deployment',
      given: problems(
        deployments,
        deployment({ template: { metadata: { labels: { app: 'web' } }, spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'nginx' }] } } }),
      ),
      want: ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
    },
    {
      name: 'a DaemonSet that surges and takes away',
      given: problems(daemonSets, daemonSet({ updateStrategy: { rollingUpdate: { maxUnavailable: 1, maxSurge: 1 } } })),
      want: ['spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero'],
    },
    {
      name: 'a DaemonSet that cannot be updated',
      given: problems(daemonSets, daemonSet({ updateStrategy: { rollingUpdate: { maxUnavailable: 0 } } })),
      want: ['spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0'],
    },
    {
      name: 'a StatefulSet whose pods mount their claims',
      given: problems(
        statefulSets,
        statefulSet({
          template: {
            metadata: { labels: { app: 'web' } },
            spec: { containers: [{ name: 'c', image: 'nginx', volumeMounts: [{ name: 'data', mountPath: '/data' }] }] },
          },
          volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }],
        }),
      ),
      want: [],
    },
    {
      name: 'a claim template that asks for nothing',
      given: problems(statefulSets, statefulSet({ volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'] } }] })),
      want: ['spec.volumeClaimTemplates[0].spec.resources[storage]: Required value'],
    },
    {
      name: 'a StatefulSet with a wrong policy and ordinal',
      given: problems(statefulSets, statefulSet({ podManagementPolicy: 'Random', ordinals: { start: -1 } })),
      want: [
        "spec.podManagementPolicy: Invalid value: \"Random\": must be 'OrderedReady' or 'Parallel'",
        'spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0',
      ],
    },
    {
      name: 'OnDelete with the parameters of RollingUpdate',
      given: problems(statefulSets, statefulSet({ updateStrategy: { type: 'OnDelete', rollingUpdate: { partition: 1 } } })),
      want: ['spec.updateStrategy.rollingUpdate: Invalid value: {"Partition":1,"MaxUnavailable":null}: only allowed for updateStrategy \'RollingUpdate\''],
    },
    {
      name: 'a ControllerRevision without data',
      given: texts(controllerRevisions.validate!({ apiVersion: 'apps/v1', kind: 'ControllerRevision', metadata: { name: 'r' }, revision: 1 })),
      want: ['data: Required value: data is mandatory'],
    },
  ];
  it.each(cases)('$name', ({ given, want }) => expect(given).toEqual(want));
});

describe('what is of feature gates that are off', () => {
  const stopping = { containers: [{ name: 'c', image: 'i', lifecycle: { stopSignal: 'SIGTERM' } }], schedulingGroup: { podGroupName: 'g' } };
  const made = deployment({ template: { spec: stopping } } as object);

  it('goes from a template, unless it was there before', () => {
    const created = structuredClone(made);
    deployments.prepareForCreate!(created, context(stateOf([])));
    expect(created.spec!.template.spec).toEqual({ containers: [{ name: 'c', image: 'i' }] });
    const updated = structuredClone(made);
    deployments.prepareForUpdate!(updated, created, context(stateOf([])));
    expect(updated.spec!.template.spec).toEqual({ containers: [{ name: 'c', image: 'i' }] });
    const kept = structuredClone(made);
    deployments.prepareForUpdate!(kept, made, context(stateOf([])));
    expect(kept).toEqual(made);
  });

  it('goes from the strategy of a StatefulSet, unless it was there before', () => {
    const partitioned = statefulSet({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1, maxUnavailable: 2 } } });
    const created = structuredClone(partitioned);
    statefulSets.prepareForCreate!(created, context(stateOf([])));
    expect(created.spec!.updateStrategy!.rollingUpdate).toEqual({ partition: 1 });
    const kept = structuredClone(partitioned);
    statefulSets.prepareForUpdate!(kept, partitioned, context(stateOf([])));
    expect(kept.spec!.updateStrategy!.rollingUpdate).toEqual({ partition: 1, maxUnavailable: 2 });
  });
});

describe('updates', () => {
  const cases: { name: string; given: string[]; want: string[] }[] = [
    { name: 'scale a Deployment', given: updateProblems(deployments, deployment({ replicas: 5 }), deployment()), want: [] },
    {
      name: 'change a selector',
      given: updateProblems(deployments, deployment({ selector: { matchLabels: { app: 'x' } } }), deployment()),
      want: ['spec.selector: Invalid value: {"matchLabels":{"app":"x"}}: field is immutable'],
    },
    { name: 'scale a StatefulSet', given: updateProblems(statefulSets, statefulSet({ replicas: 5, minReadySeconds: 3 }), statefulSet()), want: [] },
    {
      name: "change a StatefulSet's service",
      given: updateProblems(statefulSets, statefulSet({ serviceName: 'b' }), statefulSet({ serviceName: 'a' })),
      want: [
        "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
      ],
    },
    {
      name: "change a ControllerRevision's data",
      given: texts(
        controllerRevisions.validateUpdate!(
          { apiVersion: 'apps/v1', kind: 'ControllerRevision', metadata: { name: 'r' }, revision: 1, data: { a: 2 } },
          { apiVersion: 'apps/v1', kind: 'ControllerRevision', metadata: { name: 'r' }, revision: 1, data: { a: 1 } },
        ),
      ),
      want: ['data: Invalid value: {"a":2}: field is immutable'],
    },
    {
      name: 'report more ready replicas than there are',
      given: texts(deployments.validateStatusUpdate!({ ...deployment(), status: { replicas: 1, readyReplicas: 2 } }, deployment())),
      want: ['status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas'],
    },
    {
      name: 'take a collision back',
      given: texts(deployments.validateStatusUpdate!({ ...deployment(), status: {} }, { ...deployment(), status: { collisionCount: 1 } })),
      want: ['status.collisionCount: Invalid value: 0: cannot be decremented'],
    },
  ];
  it.each(cases)('$name', ({ given, want }) => expect(given).toEqual(want));
});

describe('the rest', () => {
  it('scales', () => {
    const scale = deployments.scale!;
    const scaled = scale.withReplicas({ ...deployment({ replicas: 2 }), status: { replicas: 2 } }, 7);
    expect([scale.replicas(scaled), scale.statusReplicas(scaled), scale.selector(scaled)]).toEqual([7, 2, 'app=web']);
  });

  it('prints as kubectl get -o wide', () => {
    const status = { replicas: 3, readyReplicas: 2, updatedReplicas: 3, availableReplicas: 1 };
    expect(deployments.table!.cells({ ...deployment({ replicas: 3 }), status }, NOW)).toEqual(['web', '2/3', 3, 1, '5m', 'c', 'nginx', 'app=web']);
    expect(deployments.table!.columns.map(({ name }) => name)).toEqual(['Name', 'Ready', 'Up-to-date', 'Available', 'Age', 'Containers', 'Images', 'Selector']);
    expect(cell(daemonSets, daemonSet(), 'Node Selector')).toBe('<none>');
    expect(cell(statefulSets, { ...statefulSet({ replicas: 2 }), status: { replicas: 1 } }, 'Ready')).toBe('0/2');
    const revision = {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: { name: 'web-1', ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', uid: 'u', controller: true }] },
      revision: 4,
    };
    expect(cell(controllerRevisions, revision, 'Controller')).toBe('statefulset.apps/web');
  });

  it('warns of a name that no host can have', () => {
    const warning = deployments.warnings!({ ...deployment(), metadata: { name: 'a.b' } })[0];
    expect(warning).toBe(
      'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]',
    );
  });
});
