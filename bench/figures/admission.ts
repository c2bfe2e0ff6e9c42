import { defaultAdmissionPlugins } from '../../core/admission/default-plugins.ts';
import { Apis } from '../../core/apis/apis.ts';
import { Draft } from '../../core/decide/draft.ts';
import { admit, mutate } from '../../core/decide/stages.ts';
import { systemEnv } from '../../core/env.ts';
import { clusterInstant } from '../../core/instant.ts';
import { type Fields, objectOf } from '../../core/kube/fields.ts';
import { clone, type KubeObject, keyOf } from '../../core/kube/object.ts';
import { userNamed } from '../../core/kube/user.ts';
import { type State, StateBuilder } from '../../core/state/state.ts';
import { median } from '../workloads.ts';

const ROUNDS = 7;
const PODS = 2_000;

/** What admission makes of a new pod: all plugins that a cluster has, in their turns of mutating and validating. Alone, and with five ValidatingAdmissionPolicies for it. Medians of 7, warm. */
export async function admission(): Promise<Record<string, number>> {
  return {
    admission_us: perPod(clusterOf([])),
    admission_policies_us: perPod(clusterOf(expressions.flatMap(policy))),
  };
}

/** As the policies of platform teams are. */
const expressions = [
  "object.spec.containers.all(c, c.image.startsWith('registry.example/'))",
  "has(object.metadata.labels) && 'app' in object.metadata.labels",
  'object.spec.containers.all(c, has(c.resources.requests) && has(c.resources.requests.cpu))',
  '!has(object.spec.hostNetwork) || !object.spec.hostNetwork',
  'object.spec.containers.all(c, !has(c.securityContext) || !has(c.securityContext.privileged) || !c.securityContext.privileged)',
];

/** Microseconds. */
function perPod(state: State): number {
  const round = () => {
    const drafts = Array.from({ length: PODS }, (_, i) => draft(state, `pod-${i}`));
    const started = performance.now();
    for (const one of drafts) {
      mutate(one);
      admit(one);
    }
    return ((performance.now() - started) * 1_000) / PODS;
  };
  round();
  return median(Array.from({ length: ROUNDS }, round));
}

function draft(state: State, name: string): Draft {
  const resource = Apis.builtIn.resource('pods')!;
  const object = clone(pod);
  object.metadata.name = name;
  resource.strategy.defaults?.(object);
  return new Draft(
    { operation: 'CREATE', resource, subresource: undefined, namespace: 'default', name, object, old: undefined },
    { state, now: clusterInstant(state.time), env: systemEnv, actor: userNamed('admin'), plugins: defaultAdmissionPlugins, further: [] },
  );
}

const pod = objectOf({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: '', namespace: 'default', labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', image: 'registry.example/web:1', resources: { requests: { cpu: '10m', memory: '16Mi' } } }] },
});

function clusterOf(policies: readonly KubeObject[]): State {
  const builder = new StateBuilder();
  const objects = [
    { resource: 'namespaces', object: named('v1', 'Namespace', 'default', { status: { phase: 'Active' } }) },
    { resource: 'serviceaccounts', object: named('v1', 'ServiceAccount', 'default', {}, 'default') },
    ...policies.map((object) => ({ resource: `${object.kind.toLowerCase().replace(/y$/, 'ie')}s.admissionregistration.k8s.io`, object })),
  ];
  for (const [i, { resource, object }] of objects.entries()) {
    const { namespace, name } = object.metadata;
    builder.add(keyOf(resource, namespace, name), { ...object, metadata: { ...object.metadata, resourceVersion: String(i + 1) } });
  }
  return builder.state({ offset: objects.length, time: clusterInstant(Date.UTC(2026, 0)) });
}

const named = (apiVersion: string, kind: string, name: string, rest: Fields, namespace?: string): KubeObject =>
  objectOf({ apiVersion, kind, metadata: { name, ...(namespace && { namespace }) }, ...rest });

function policy(expression: string, i: number): KubeObject[] {
  const name = `policy-${i}`;
  const matchConstraints = {
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
    resourceRules: [{ operations: ['CREATE', 'UPDATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
  };
  const group = 'admissionregistration.k8s.io/v1';
  return [
    named(group, 'ValidatingAdmissionPolicy', name, { spec: { failurePolicy: 'Fail', matchConstraints, validations: [{ expression }] } }),
    named(group, 'ValidatingAdmissionPolicyBinding', name, { spec: { policyName: name, validationActions: ['Deny'] } }),
  ];
}
