import { defaultAdmissionPlugins } from '../admission/default-plugins.ts';
import { Apis } from '../apis/apis.ts';
import type { Mutation } from '../apis/mutation.ts';
import { decide } from '../decide/decide.ts';
import { type DecideContext, type Decision, decided } from '../decide/decision.ts';
import { type Fields, objectOf } from '../kube/fields.ts';
import { clone, type GroupResource, type KubeObject, parseKey } from '../kube/object.ts';
import { type Status, StatusError } from '../kube/status.ts';
import { MASTERS } from '../kube/user.ts';
import type { LogEvent } from '../log/event.ts';
import { deepFreeze } from '../replica/deep-freeze.ts';
import type { ConfigMap, Deployment, Namespace, Pod } from '../schema/generated/kinds.ts';
import type { KindOf } from '../schema/kind-of.ts';
import { evolve } from '../state/evolve.ts';
import type { State } from '../state/state.ts';
import { countingEnv, START } from './env.ts';
import { resourceNameOf, stateOf } from './state.ts';

/** What the tests of decisions share: small objects, of which the metadata come first, and what comes of one mutation on a state that holds them. */

type Meta = Partial<KubeObject['metadata']>;

/** Of any fields: what is refused is no object of its kind. */
const object =
  <T extends KubeObject>(apiVersion: string, kind: string) =>
  (metadata: Meta = {}, rest: Fields = {}): T =>
    objectOf({ apiVersion, kind, metadata: { name: 'a', namespace: 'default', ...metadata }, ...rest }) as T;

/** An object as it is in the cluster: with a uid, an age, and the defaults of its kind. */
export function kept<T extends KubeObject>(given: T): T {
  const object = clone({ ...given, metadata: { uid: 'uid', creationTimestamp: '2025-12-31T00:00:00Z', ...given.metadata } });
  Apis.builtIn.resource(resourceNameOf(given))!.strategy.defaults?.(object);
  return object;
}

export const configMap = object<ConfigMap>('v1', 'ConfigMap');
export const deployment = (metadata: Meta = {}, { replicas = 1, ...rest }: Fields = {}): Deployment =>
  object<Deployment>('apps/v1', 'Deployment')(metadata, {
    spec: {
      replicas,
      selector: { matchLabels: { app: 'a' } },
      template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    },
    ...rest,
  });
export const namespace = (name: string, metadata: Meta = {}, rest: Partial<Namespace> = {}): Namespace => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, ...metadata },
  spec: { finalizers: ['kubernetes'] },
  status: { phase: 'Active' },
  ...rest,
});
export const pod = (metadata: Meta = {}, spec: Fields = {}, status?: Fields): Pod =>
  object<Pod>('v1', 'Pod')(metadata, { spec: { containers: [{ name: 'c', image: 'i' }], ...spec }, ...(status && { status }) });

export const stateWith = (...objects: readonly KubeObject[]): State => stateOf([kept(namespace('default')), ...objects]);

/** A decision with the plugins of every cluster. */
export const decision = (state: State, mutation: Mutation, context: Omit<DecideContext, 'plugins'>): Decision =>
  decided(decide(state, mutation, { plugins: defaultAdmissionPlugins, ...context }));

/** What a mutation comes to: its events' types, the object as the state then has it (of a deleted one: as it was), or the Status that refuses it. */
interface Came<T extends KubeObject> {
  events: LogEvent['type'][];
  object?: T | undefined;
  refused?: Status;
}

export function outcome<R extends GroupResource>(state: State, mutation: Mutation & { readonly resource: R }, env = countingEnv()): Came<KindOf<R>> {
  let events: readonly LogEvent[];
  try {
    ({ events } = decision(state, deepFreeze(mutation), { env, now: START, actor: { username: 'me', groups: [MASTERS] } }));
  } catch (error) {
    if (error instanceof StatusError) return { events: [], refused: error.status };
    throw error;
  }
  const { state: after, changes } = evolve(state, events, { time: START });
  const { resource, namespace, name } = parseKey(changes[0]?.key ?? keyOfMutation(mutation));
  return { events: events.map(({ type }) => type), object: (changes[0]?.object ?? after.get(resource, namespace, name)) as KindOf<R> | undefined };
}

function keyOfMutation(mutation: Mutation): string {
  const { namespace = '', name } = mutation.type === 'create' || mutation.type === 'update' ? mutation.object.metadata : mutation;
  return `${mutation.resource}/${namespace}/${name}`;
}
