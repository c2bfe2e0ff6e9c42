import type { Attributes } from '../../core/auth/authorizer.ts';
import { clusterAuthorizer } from '../../core/auth/cluster-authorizer.ts';
import { bootstrapPolicy } from '../../core/controllers/control-plane/bootstrap-policy.ts';
import { clusterInstant } from '../../core/instant.ts';
import { type KubeObject, keyOf } from '../../core/kube/object.ts';
import { userNamed } from '../../core/kube/user.ts';
import type { LogEvent } from '../../core/log/event.ts';
import { evolve } from '../../core/state/evolve.ts';
import { State } from '../../core/state/state.ts';
import { median } from '../workloads.ts';

const NAMESPACES = 50;
const ROLES = 500;
const BINDINGS = 5_000;
const RULES = 20;
const ROUNDS = 7;

/**
 * A request of a service account, authorized among 500 roles of 20 rules, 5,000 bindings and the default roles. Half of the requests are permitted, by the last of the rules of
 * a role; the others, by nothing. Median of 7, warm.
 */
export async function rbac(): Promise<Record<string, number>> {
  const state = evolve(State.empty, [...bootstrapPolicy(), ...roles(), ...bindings()].map(added), { time: clusterInstant(0), aheadMinutes: 0 }).state;
  const asked = Array.from({ length: BINDINGS }, (_, i) => [request(i, `things-${RULES - 1}`), request(i, 'secrets')]).flat();
  const round = () => {
    const started = performance.now();
    const allowed = asked.filter((attributes) => clusterAuthorizer.authorize(attributes, state).allowed).length;
    if (allowed !== BINDINGS) throw new Error(`${allowed} of ${asked.length} were allowed`);
    return ((performance.now() - started) * 1_000) / asked.length;
  };
  round();
  return { rbac_us: median(Array.from({ length: ROUNDS }, round)) };
}

const API = { apiVersion: 'rbac.authorization.k8s.io/v1' };
const apiGroup = 'rbac.authorization.k8s.io';
const namespaceOf = (i: number) => `ns-${i % NAMESPACES}`;

const roles = (): object[] =>
  Array.from({ length: ROLES }, (_, i) => ({
    ...API,
    kind: 'Role',
    metadata: { namespace: namespaceOf(i), name: `role-${i}` },
    rules: Array.from({ length: RULES }, (_, j) => ({
      apiGroups: ['', 'example.com'],
      resources: [`things-${j}`, `things-${j}/status`],
      verbs: ['get', 'list'],
    })),
  }));

const bindings = (): object[] =>
  Array.from({ length: BINDINGS }, (_, i) => ({
    ...API,
    kind: 'RoleBinding',
    metadata: { namespace: namespaceOf(i), name: `binding-${i}` },
    roleRef: { apiGroup, kind: 'Role', name: `role-${i % ROLES}` },
    subjects: [{ kind: 'ServiceAccount', namespace: namespaceOf(i), name: `app-${i}` }],
  }));

const request = (i: number, resource: string): Attributes => ({
  user: userNamed(`system:serviceaccount:${namespaceOf(i)}:app-${i}`),
  verb: 'list',
  group: '',
  version: 'v1',
  resource,
  namespace: namespaceOf(i),
});

function added(given: object): LogEvent {
  const object = given as KubeObject;
  const { namespace, name } = object.metadata;
  return { type: 'ADDED', key: keyOf(`${object.kind.toLowerCase()}s.${apiGroup}`, namespace, name), object, actor: userNamed('system:apiserver') };
}
