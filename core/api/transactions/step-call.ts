import { apisOf } from '../../apis/apis.ts';
import { type Operation, operationOf, type PatchForm, type Step, type StepTarget } from '../../apis/logplane/transaction.ts';
import { apiVersionOf } from '../../kube/group-version-kind.ts';
import { badRequest, noMatch } from '../../kube/status.ts';
import type { State } from '../../state/state.ts';
import type { WriteCall } from '../call.ts';
import type { Verb } from '../request/request-info.ts';
import { callWithin } from './call-within.ts';

/** A step of a Transaction as the request that it stands for, so that the verbs take it as any other. Throws 400, 404 and 405. */
export function stepCall(call: WriteCall, step: Step, state: State): WriteCall {
  const operation = operationOf(step);
  const { head, fieldManager = call.query.get('fieldManager') ?? undefined, force, contentType, body } = requests[operation](step);
  const resource = apisOf(state).ofKind(head.apiVersion, head.kind);
  const version = resource?.versions.find((served) => apiVersionOf({ group: resource.group, version: served.version }) === head.apiVersion)?.version;
  if (!resource || !version) throw noMatch(head);
  const verb = verbs[operation];
  if (head.name === undefined && verb !== 'create') throw badRequest('the name of the object is missing');
  const within = {
    verb,
    group: resource.group,
    version,
    resource: resource.resource,
    namespace: resource.namespaced ? (head.namespace ?? call.info.namespace) : undefined,
    name: verb === 'create' ? undefined : head.name,
    query: { fieldManager, force: force === undefined ? undefined : String(force) },
    contentType,
    body,
  };
  return callWithin(call, within, state);
}

const verbs: Readonly<Record<Operation, Verb>> = { create: 'create', update: 'update', apply: 'patch', patch: 'patch', delete: 'delete' };

interface StepRequest {
  readonly head: Partial<StepTarget> & Pick<StepTarget, 'apiVersion' | 'kind'>;
  readonly fieldManager?: string | undefined;
  readonly force?: boolean | undefined;
  readonly contentType: string;
  readonly body: unknown;
}

const JSON_TYPE = 'application/json';

const requests: Readonly<Record<Operation, (step: Step) => StepRequest>> = {
  create: ({ create }) => ofObject(create!, JSON_TYPE),
  update: ({ update }) => ofObject(update!, JSON_TYPE),
  apply: ({ apply }) => ({ ...ofObject(apply!, 'application/apply-patch+yaml'), force: apply!.force }),
  patch: ({ patch }) => ({ head: patch!.target, fieldManager: patch!.fieldManager, contentType: patchTypes[patch!.type], body: patch!.patch ?? null }),
  delete: ({ delete: deletion }) => {
    const { target, ...options } = deletion!;
    return { head: target, contentType: JSON_TYPE, body: { kind: 'DeleteOptions', apiVersion: 'v1', ...options } };
  },
};

function ofObject({ object, fieldManager }: NonNullable<Step['create']>, contentType: string): StepRequest {
  const { apiVersion, kind, metadata } = object;
  const { namespace, name } = metadata as Partial<typeof metadata>;
  return { head: { apiVersion, kind, ...(namespace && { namespace }), ...(name && { name }) }, fieldManager, contentType, body: object };
}

const patchTypes: Readonly<Record<PatchForm, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
};
