import { apisOf } from '../../apis/apis.ts';
import { type Operation, operationOf, type PatchForm, type Step, type StepTarget } from '../../apis/logplane/transaction.ts';
import { apiVersionOf } from '../../kube/group-version-kind.ts';
import { badRequest, noMatch } from '../../kube/status.ts';
import type { State } from '../../state/state.ts';
import type { WriteCall } from '../call.ts';
import type { ResourceRequest, Verb } from '../request/request-info.ts';
import { targetOf } from '../request/target.ts';
import { attributesOf } from '../stages/authorize.ts';
import { checkTarget } from '../stages/resolve.ts';

/**
 * A step of a Transaction as the request that it stands for, of what is served in a state: with the path, query, headers and body that its client would have sent, so that the verbs take it as
 * any other. Throws 400, 404 and 405.
 */
export function stepCall(call: WriteCall, step: Step, state: State): WriteCall {
  const operation = operationOf(step);
  const { head, fieldManager, force, contentType, body } = requests[operation](step);
  const resource = apisOf(state).ofKind(head.apiVersion, head.kind);
  const version = resource?.versions.find((served) => apiVersionOf({ group: resource.group, version: served.version }) === head.apiVersion)?.version;
  if (!resource || !version) throw noMatch(head);
  const { group, resource: plural, namespaced } = resource;
  const { verb, method } = verbs[operation];
  const { name } = head;
  if (name === undefined && verb !== 'create') throw badRequest('the name of the object is missing');
  const namespace = namespaced ? (head.namespace ?? call.info.namespace!) : undefined;
  const info: ResourceRequest = {
    type: 'resource',
    verb,
    group,
    version,
    resource: plural,
    ...(namespace !== undefined && { namespace }),
    ...(verb !== 'create' && { name: name! }),
    rest: [],
  };
  const path = pathOf(info);
  const query = queryOf(call, { fieldManager, force });
  const headers = new Headers({ 'user-agent': call.request.headers.get('user-agent') ?? '', 'content-type': contentType });
  const sent = {
    ...call,
    request: new Request('http://step', { method, headers, signal: call.request.signal }),
    sent: `${path}?${query}`,
    path,
    query,
    info,
    body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
    warnings: [],
    audit: undefined,
    target: targetOf(apisOf(state), info)!,
  };
  checkTarget(sent.target, sent);
  return { ...sent, attributes: attributesOf(sent, call.user) };
}

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

const verbs: Readonly<Record<Operation, { readonly verb: Verb; readonly method: string }>> = {
  create: { verb: 'create', method: 'POST' },
  update: { verb: 'update', method: 'PUT' },
  apply: { verb: 'patch', method: 'PATCH' },
  patch: { verb: 'patch', method: 'PATCH' },
  delete: { verb: 'delete', method: 'DELETE' },
};

function pathOf({ group, version, resource, namespace, name }: ResourceRequest): string {
  const parts = [
    ...(group ? ['apis', group] : ['api']),
    version,
    ...(namespace === undefined ? [] : ['namespaces', namespace]),
    resource,
    ...(name ? [name] : []),
  ];
  return `/${parts.map(encodeURIComponent).join('/')}`;
}

/** What the Transaction says of dry runs and of unknown fields holds for its steps; and its field manager, where a step names none. */
function queryOf(
  call: WriteCall,
  { fieldManager = call.query.get('fieldManager') ?? '', force }: Pick<StepRequest, 'fieldManager' | 'force'>,
): URLSearchParams {
  const query = new URLSearchParams();
  const fieldValidation = call.query.get('fieldValidation');
  if (fieldManager) query.set('fieldManager', fieldManager);
  if (fieldValidation) query.set('fieldValidation', fieldValidation);
  if (force !== undefined) query.set('force', String(force));
  return query;
}
