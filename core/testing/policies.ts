import { defaultAdmissionPlugins } from '../admission/default-plugins.ts';
import { kindAt } from '../admission/matching/requested.ts';
import { connectionOptions } from '../api/subresources/connection-options.ts';
import { Apis } from '../apis/apis.ts';
import type { Mutation } from '../apis/mutation.ts';
import { decide } from '../decide/decide.ts';
import { type DecideContext, decided, isAsking } from '../decide/decision.ts';
import { decideUnstored } from '../decide/unstored.ts';
import { type Fields, objectOf } from '../kube/fields.ts';
import type { KubeObject } from '../kube/object.ts';
import { type Status, StatusError } from '../kube/status.ts';
import { MASTERS } from '../kube/user.ts';
import { deepFreeze } from '../replica/deep-freeze.ts';
import type { State } from '../state/state.ts';
import { kept } from './decisions.ts';
import { countingEnv, START } from './env.ts';

/** What the tests of admission policies share: policies with a binding each, and what comes of a write where they are in force. */

const registered = (kind: string, name: string, spec: Fields): KubeObject =>
  kept(objectOf({ apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name }, spec }));

/** Rules for what is in the core group; of all operations. */
export const rules = (...resources: string[]): Fields => ({
  resourceRules: [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources }],
});

/** A policy for ConfigMaps, and a binding of the same name that denies. */
export const validating = (name: string, spec: Fields, binding: Fields = {}): KubeObject[] => [
  registered('ValidatingAdmissionPolicy', name, { matchConstraints: rules('configmaps'), ...spec }),
  bindingOf(name, binding),
];

export const bindingOf = (policyName: string, spec: Fields = {}, name = policyName): KubeObject =>
  registered('ValidatingAdmissionPolicyBinding', name, { policyName, validationActions: ['Deny'], ...spec });

export const mutating = (name: string, spec: Fields, binding: Fields = {}): KubeObject[] => [
  registered('MutatingAdmissionPolicy', name, { matchConstraints: rules('configmaps'), reinvocationPolicy: 'Never', ...spec }),
  mutatingBindingOf(name, binding),
];

export const mutatingBindingOf = (policyName: string, spec: Fields = {}, name = policyName): KubeObject =>
  registered('MutatingAdmissionPolicyBinding', name, { policyName, ...spec });

export const applying = (expression: string): Fields => ({ patchType: 'ApplyConfiguration', applyConfiguration: { expression } });
export const patching = (expression: string): Fields => ({ patchType: 'JSONPatch', jsonPatch: { expression } });

/** What a write comes to: the object, or why it is refused; what its client is warned of, what is audited. */
export interface Admitted {
  readonly object?: KubeObject;
  readonly refused?: Status;
  readonly warnings: readonly string[];
  readonly audited: Fields;
}

/** By an administrator, unless something else is said. */
export function admitted(state: State, mutation: Mutation, context: Partial<DecideContext> = {}): Admitted {
  return outcomeOf((common) => decided(decide(state, deepFreeze(mutation), { ...common, ...context })));
}

/** The same of a connection to the pod `a`. */
export function connected(state: State, { subresource, query }: { readonly subresource: string; readonly query: string }): Admitted {
  const resource = Apis.builtIn.resource('pods')!;
  const { kind } = kindAt(resource, { version: 'v1', subresource });
  const params = new URLSearchParams(query);
  const object = connectionOptions(kind, params, params.get('path') ?? undefined);
  return outcomeOf((common) => {
    const done = decideUnstored({ operation: 'CONNECT', resource, subresource, namespace: 'default', name: 'a', object }, { ...common, state });
    if (isAsking(done)) throw new Error('a plugin asks');
    return done;
  });
}

function outcomeOf(act: (common: DecideContext) => Pick<Admitted, 'object' | 'warnings'>): Admitted {
  const audited: Fields = {};
  const annotate = (key: string, value: string) => Object.assign(audited, { [key]: value });
  const actor = { username: 'admin', groups: [MASTERS, 'system:authenticated'] };
  try {
    const { object, warnings } = act({ env: countingEnv(), now: START, actor, plugins: defaultAdmissionPlugins, annotate });
    return { ...(object && { object }), warnings, audited };
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return { refused: error.status, warnings: error.warnings, audited };
  }
}
