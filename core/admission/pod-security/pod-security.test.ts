import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { update } from '../../apis/mutation.ts';
import { decide } from '../../decide/decide.ts';
import { type DecideContext, decided } from '../../decide/decision.ts';
import { StatusError } from '../../kube/status.ts';
import { userNamed } from '../../kube/user.ts';
import type { Pod, PodTemplateSpec } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { kept, namespace, pod, stateWith } from '../../testing/decisions.ts';
import { countingEnv, START } from '../../testing/env.ts';
import type { AdmissionPlugin } from '../plugin.ts';
import { podSecurityConfiguration } from './configuration.ts';
import type { Control } from './control.ts';
import { checksAt, controls } from './controls.ts';
import { detailsOf, violationsOf } from './evaluate.ts';
import { existingPodsWarnings } from './existing-pods.ts';
import { podSecurity } from './pod-security.ts';

describe('the controls', () => {
  const file = path.join(import.meta.dirname, 'testdata/recorded.jsonl');
  const recorded = readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<'baseline' | 'restricted', { since: number; details: string }[]> & { pod: Pod });

  /** What k8s.io/pod-security-admission says of each pod (scripts/pod-security-goldens). */
  it.each(['baseline', 'restricted'] as const)('say at %s of each pod, in each version, what upstream says', (level) => {
    for (const { pod: given, [level]: said } of recorded) {
      const own = said.map(({ since }) => ({ since, details: detailsOf(violationsOf(given, { level, version: since })) }));
      expect(own).toEqual(said);
      // Until the next version that differs.
      for (const [i, { since, details }] of said.entries()) {
        const last = (said[i + 1]?.since ?? 37) - 1;
        if (last > since) expect(detailsOf(violationsOf(given, { level, version: last }))).toBe(details);
      }
      expect(detailsOf(violationsOf(given, { level, version: 'latest' }))).toBe(said.at(-1)!.details);
    }
  });

  it.each(controls.flatMap(({ id, versions }) => versions.map(({ since }, i) => ({ id, since, i }))))(
    '$id of v1.$since forbids some of them, and allows some',
    ({ id, i }) => {
      const { check } = (controls.find((control) => control.id === id) as Control).versions[i]!;
      const allowed = recorded.map(({ pod: { metadata, spec } }) => {
        const { initContainers = [], containers, ephemeralContainers = [] } = spec!;
        return (
          check({ annotations: metadata?.annotations ?? {}, spec: spec!, containers: [...initContainers, ...containers, ...ephemeralContainers] }) === undefined
        );
      });
      expect(new Set(allowed)).toEqual(new Set([true, false]));
    },
  );

  it('are none where everything is allowed', () => {
    expect(checksAt({ level: 'privileged', version: 'latest' })).toEqual([]);
  });
});

/** Written by a user, with this plugin alone: what is warned of and audited, and the message that refuses it. */
function written(
  state: State,
  mutation: Parameters<typeof decide>[1],
  { plugin = podSecurity(), user = 'me' }: { plugin?: AdmissionPlugin; user?: string } = {},
): { warnings: readonly string[]; audited: Record<string, string>; refused?: string } {
  const audited: Record<string, string> = {};
  const context: DecideContext = {
    env: countingEnv(),
    now: START,
    actor: userNamed(user),
    plugins: [plugin],
    annotate: (key, value) => {
      audited[key.replace('pod-security.kubernetes.io/', '')] = value;
    },
  };
  try {
    return { warnings: decided(decide(state, mutation, context)).warnings, audited };
  } catch (error) {
    if (error instanceof StatusError) return { warnings: [], audited, refused: error.message };
    throw error;
  }
}

const labels = (levels: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(levels).map(([name, value]) => [`pod-security.kubernetes.io/${name}`, value]));
const where = (levels: Record<string, string>, ...objects: Pod[]): State => stateWith(kept(namespace('n', { labels: labels(levels) })), ...objects);
const inN = (spec: Record<string, unknown> = {}, metadata: Pod['metadata'] = { name: 'p' }): Pod => pod({ ...metadata, namespace: 'n' }, spec);
const hosted = { hostNetwork: true };
const create = (object: Pod) => ({ type: 'create', resource: 'pods', object }) as const;
const HOSTED = 'host namespaces (hostNetwork=true)';

describe('a pod', () => {
  it.each([
    { name: 'is not looked at without labels', levels: {}, want: { audited: { 'enforce-policy': 'privileged:latest' }, warnings: [] } },
    {
      name: 'is refused',
      levels: { enforce: 'baseline' },
      want: {
        refused: `pods "p" is forbidden: violates PodSecurity "baseline:latest": ${HOSTED}`,
        audited: { 'enforce-policy': 'baseline:latest' },
        warnings: [],
      },
    },
    {
      name: 'is warned of and audited, each at its own level and version',
      levels: { warn: 'baseline', 'warn-version': 'v1.20', audit: 'baseline' },
      want: {
        audited: { 'enforce-policy': 'privileged:latest', 'audit-violations': `would violate PodSecurity "baseline:latest": ${HOSTED}` },
        warnings: [`would violate PodSecurity "baseline:v1.20": ${HOSTED}`],
      },
    },
    {
      name: 'is audited where it is refused, and not warned of',
      levels: { enforce: 'baseline', warn: 'baseline', audit: 'baseline' },
      want: {
        refused: `pods "p" is forbidden: violates PodSecurity "baseline:latest": ${HOSTED}`,
        audited: { 'enforce-policy': 'baseline:latest', 'audit-violations': `would violate PodSecurity "baseline:latest": ${HOSTED}` },
        warnings: [],
      },
    },
    {
      name: 'is held to the strictest level where labels cannot be read',
      levels: { enforce: 'x', warn: 'y', audit: 'z' },
      spec: {},
      want: {
        refused: expect.stringMatching(/^pods "p" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false/),
        audited: {
          'enforce-policy': 'restricted:latest',
          error:
            'Failed to parse policy: [metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "x": must be one of privileged, baseline, restricted, metadata.labels[pod-security.kubernetes.io/audit]: Invalid value: "z": must be one of privileged, baseline, restricted, metadata.labels[pod-security.kubernetes.io/warn]: Invalid value: "y": must be one of privileged, baseline, restricted]',
        },
        warnings: [],
      },
    },
    {
      name: 'is held to the newest known version by a later one',
      levels: { enforce: 'baseline', 'enforce-version': 'v1.99' },
      spec: {},
      want: { audited: { 'enforce-policy': 'baseline:v1.99' }, warnings: [] },
    },
  ])('$name', ({ levels, spec = hosted, want }) => {
    expect(written(where(levels as Record<string, string>), create(inN(spec)))).toEqual(want);
  });

  const there = kept(inN(hosted, { name: 'p', uid: 'p' }));
  const state = where({ enforce: 'baseline' }, there);
  const debugging = { name: 'debug', image: 'i', imagePullPolicy: 'Always', terminationMessagePolicy: 'File' };
  const changed = (spec: Record<string, unknown>) => ({ ...there, spec: { ...there.spec!, ...spec } }) as Pod;

  it.each([
    {
      name: 'an update that has nothing to do with security',
      object: { ...there, metadata: { ...there.metadata, labels: { a: 'b' } } } as Pod,
      refused: false,
    },
    { name: 'an update of the image', object: changed({ containers: [{ ...there.spec!.containers[0]!, image: 'other' }] }), refused: true },
    {
      name: 'an ephemeral container',
      object: changed({ ephemeralContainers: [debugging] }),
      subresource: 'ephemeralcontainers' as const,
      refused: true,
    },
    { name: 'a resize', object: changed({}), subresource: 'resize' as const, refused: false },
    { name: 'its status', object: { ...there, status: { phase: 'Running' } } as Pod, subresource: 'status' as const, refused: false },
  ])('that is there already is judged again by $name: $refused', ({ object, subresource, refused }) => {
    const answer = written(state, update('pods', object, subresource)).refused;
    if (refused) expect(answer).toMatch(/violates PodSecurity "baseline:latest": host namespaces/);
    else expect(answer).toBeUndefined();
  });
});

describe('a workload', () => {
  const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'i' }], hostNetwork: true } };
  const selector = { matchLabels: { app: 'a' } };
  const of = (template: PodTemplateSpec | object, kind: string): [resource: string, apiVersion: string, rest: object] =>
    (
      ({
        PodTemplate: ['podtemplates', 'v1', { template }],
        ReplicationController: ['replicationcontrollers', 'v1', { spec: { selector: { app: 'a' }, template } }],
        ReplicaSet: ['replicasets.apps', 'apps/v1', { spec: { selector, template } }],
        Deployment: ['deployments.apps', 'apps/v1', { spec: { selector, template } }],
        StatefulSet: ['statefulsets.apps', 'apps/v1', { spec: { selector, template, serviceName: 's' } }],
        DaemonSet: ['daemonsets.apps', 'apps/v1', { spec: { selector, template } }],
        Job: ['jobs.batch', 'batch/v1', { spec: { template: { ...template, spec: { ...(template as PodTemplateSpec).spec, restartPolicy: 'Never' } } } }],
        CronJob: [
          'cronjobs.batch',
          'batch/v1',
          {
            spec: {
              schedule: '* * * * *',
              jobTemplate: { spec: { template: { ...template, spec: { ...(template as PodTemplateSpec).spec, restartPolicy: 'Never' } } } },
            },
          },
        ],
      }) as Record<string, [string, string, object]>
    )[kind]!;
  const kinds = ['PodTemplate', 'ReplicationController', 'ReplicaSet', 'Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob'];

  it.each(kinds)('of kind %s is warned of and audited for its template, and not refused', (kind) => {
    const [resource, apiVersion, rest] = of(template, kind);
    const object = { apiVersion, kind, metadata: { name: 'w', namespace: 'n' }, ...rest };
    expect(written(where({ enforce: 'baseline', audit: 'baseline' }), { type: 'create', resource, object })).toEqual({
      // What is enforced is warned of too, unless a label says otherwise.
      warnings: [`would violate PodSecurity "baseline:latest": ${HOSTED}`],
      audited: { 'audit-violations': `would violate PodSecurity "baseline:latest": ${HOSTED}` },
    });
    expect(written(where({ enforce: 'baseline', warn: 'privileged' }), { type: 'create', resource, object })).toEqual({ warnings: [], audited: {} });
  });
});

describe('a namespace whose level rises', () => {
  const raised = (before: Record<string, string>, now: Record<string, string>, ...pods: Pod[]) => {
    const there = kept(namespace('n', { labels: labels(before) }));
    return written(stateWith(there, ...pods), update('namespaces', { ...there, metadata: { ...there.metadata, labels: labels(now) } })).warnings;
  };
  const pods = ['c', 'b', 'a'].map((name) => kept(inN(hosted, { name, uid: name })));
  const other = kept(inN({ hostPID: true }, { name: 'other', uid: 'other' }));
  const fine = kept(inN({}, { name: 'fine', uid: 'fine' }));

  it('is told which of its pods would be refused, by the first of each kind', () => {
    expect(raised({}, { enforce: 'baseline' }, ...pods, other, fine)).toEqual([
      'existing pods in namespace "n" violate the new PodSecurity enforce level "baseline:latest"',
      'a (and 3 other pods): host namespaces',
    ]);
  });

  it.each([
    { name: 'one pod', pods: [pods[0]!], want: 'c: host namespaces' },
    { name: 'two', pods: pods.slice(0, 2), want: 'b (and 1 other pod): host namespaces' },
  ])('counts $name', ({ pods: given, want }) => {
    expect(raised({}, { enforce: 'baseline' }, ...given).at(-1)).toBe(want);
  });

  it.each([
    { name: 'falls', before: { enforce: 'restricted' }, now: { enforce: 'baseline' } },
    { name: 'stays', before: { enforce: 'baseline' }, now: { enforce: 'baseline', audit: 'restricted' } },
    { name: 'ends', before: { enforce: 'baseline' }, now: {} },
  ])('is told nothing when it $name', ({ before, now }) => {
    expect(raised(before as Record<string, string>, now as Record<string, string>, ...pods)).toEqual([]);
  });

  it('looks again when the version changes', () => {
    expect(raised({ enforce: 'restricted' }, { enforce: 'baseline', 'enforce-version': 'v1.20' }, ...pods)).toHaveLength(2);
  });

  it('looks at so many pods, of each controller one before the others', () => {
    const owned = (name: string, uid: string) =>
      inN(hosted, { name, ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid, controller: true }] });
    const many = [
      ...Array.from({ length: 3_000 }, (_, i) => owned(`p-${i}`, 'one')),
      inN({ hostPID: true, hostNetwork: true, containers: [{ name: 'c', image: 'i', securityContext: { privileged: true } }] }, { name: 'last' }),
    ];
    expect(existingPodsWarnings('n', many, { level: 'baseline', version: 'latest' })).toEqual([
      'new PodSecurity enforce level only checked against the first 3000 of 3001 existing pods',
      'existing pods in namespace "n" violate the new PodSecurity enforce level "baseline:latest"',
      'last: host namespaces, privileged',
      'p-0 (and 2998 other pods): host namespaces',
    ]);
  });
});

describe('the configuration of a host', () => {
  const configured = (given: object) => podSecurityConfiguration(given as Record<string, unknown>);
  const plugin = podSecurity(
    configured({
      defaults: { enforce: 'baseline', 'enforce-version': 'v1.30' },
      exemptions: { usernames: ['trusted'], namespaces: ['n'], runtimeClasses: ['sandbox'] },
    }).configuration,
  );
  const inDefault = (spec: object) => create(pod({ name: 'p' }, { ...spec }));

  it('is what holds where labels say nothing', () => {
    expect(written(stateWith(), inDefault(hosted), { plugin }).refused).toBe(`pods "p" is forbidden: violates PodSecurity "baseline:v1.30": ${HOSTED}`);
  });

  it.each([
    { name: 'user', mutation: inDefault(hosted), user: 'trusted' },
    { name: 'namespace', mutation: create(inN(hosted)), user: 'me' },
    { name: 'runtimeClass', mutation: inDefault({ ...hosted, runtimeClassName: 'sandbox' }), user: 'me' },
  ])('exempts a $name', ({ name, mutation, user }) => {
    const { refused, audited } = written(where({ enforce: 'restricted' }), mutation, { plugin, user });
    expect({ refused, exempt: audited['exempt'] }).toEqual({ refused: undefined, exempt: name });
  });

  it('says of the labels of an exempt namespace that they are of no use', () => {
    const text = 'namespace "n" is exempt from Pod Security, and the policy (enforce=restricted:latest, warn=baseline:v1.20) will be ignored';
    const object = namespace('n', { labels: labels({ enforce: 'restricted', 'enforce-version': 'latest', warn: 'baseline', 'warn-version': 'v1.20' }) });
    expect(written(stateWith(), { type: 'create', resource: 'namespaces', object }, { plugin }).warnings).toEqual([text]);
    const there = kept(namespace('n'));
    expect(
      written(stateWith(there), update('namespaces', { ...there, metadata: { ...there.metadata, labels: object.metadata.labels! } }), { plugin }).warnings,
    ).toEqual([text]);
    expect(written(stateWith(), { type: 'create', resource: 'namespaces', object: namespace('n') }, { plugin }).warnings).toEqual([]);
  });

  it('is refused where it says nothing that there is', () => {
    const { errors } = configured({
      defaults: { enforce: 'x', 'warn-version': '1.20', enforced: 'baseline' },
      exemptions: { namespaces: ['A', 'a', 'a'], runtimeClasses: ['_'], usernames: [''] },
    });
    expect(errors.map(({ field, message }) => `${field}: ${message.split(':')[0]}`)).toEqual([
      'defaults.enforce: Invalid value',
      'defaults.warn-version: Invalid value',
      'exemptions.namespaces[0]: Invalid value',
      'exemptions.namespaces[2]: Duplicate value',
      'exemptions.runtimeClasses[0]: Invalid value',
      'exemptions.usernames[0]: Invalid value',
      'defaults.enforced: Invalid value',
    ]);
  });
});
