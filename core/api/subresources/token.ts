import type { NodeReference } from '../../auth/service-account-tokens.ts';
import { epochMs, plus } from '../../instant.ts';
import type { KubeObject } from '../../kube/object.ts';
import { timestamp } from '../../kube/object.ts';
import { badRequest, conflict, invalid, notFound } from '../../kube/status.ts';
import { invalidValue, quoted } from '../../kube/validation/field.ts';
import { schemaOf } from '../../schema/built-in-types.ts';
import type { Pod, TokenRequest } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { answerWith } from '../answers/answers.ts';
import { notImplemented } from '../answers/failures.ts';
import { objectFromBody } from '../answers/object-body.ts';
import type { WriteCall } from '../call.ts';
import { readWriteOptions } from '../query/write-options.ts';
import type { BodyType } from '../request/body-type.ts';
import { newestState } from '../request/reading.ts';
import { inNamespace } from '../verbs/create.ts';
import { admitUnstored } from './admit-unstored.ts';

const type: BodyType = {
  gvk: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
  type: schemaOf('io.k8s.api.authentication.v1.TokenRequest')!,
};

const MINUTES_10 = 600;
const HOUR = 3600;
const LONGEST = 2 ** 32;

/** What the token volume of a pod asks for (admission/service-account.ts): an hour, and the seven seconds by which it is told from what a user asked for. */
const OF_A_POD = 3607;
/** Clients that read their token once still have a good one for a year (`--service-account-extend-token-expiration`). */
const EXTENDED = 365 * 24 * HOUR;

const KIND = { group: 'authentication.k8s.io', kind: 'TokenRequest' };

const invalidDuration = (seconds: number, why: string) => invalid(KIND, '', [invalidValue('spec.expirationSeconds', seconds, why)]);

/** A token for a service account (`kubectl create token`; registry/core/serviceaccount/storage/token.go). Nothing is kept of it. */
export async function requestToken(call: WriteCall): Promise<Response> {
  const tokens = call.api.serviceAccountTokens;
  if (!tokens) throw notImplemented('this server has no key to sign tokens of service accounts with');
  const options = readWriteOptions(call.query, 'CreateOptions');
  const { namespace, name } = call.info;
  const state = await newestState(call);
  const object = withHour(inNamespace(call, objectFromBody<TokenRequest>(call, type, options)));
  // By real time, as the API does that checks a token: a cluster's own time may stand still, or run ahead.
  const now = call.api.env.clock.now();
  const complete = (request: TokenRequest) =>
    completed(request, { state, namespace: namespace!, name: name!, audiences: [tokens.issuer], creationTimestamp: timestamp(epochMs(now)) });
  const { dryRun } = options;
  const request = await admitUnstored<TokenRequest>(call, { operation: 'CREATE', object, prepare: complete, dryRun }, state);
  const { audiences = [], expirationSeconds: seconds = HOUR, boundObjectRef: bound } = request.spec!;
  const account = state.get('serviceaccounts', namespace, name!)!;
  const boundTo = bound && boundObject(state, { namespace: namespace!, account: name! }, bound);
  const expires = plus(now, seconds * 1000);
  const isExtended = bound?.kind === 'Pod' && seconds === OF_A_POD && audiences.every((audience) => audience === tokens.issuer);
  const token = await tokens.issue({
    cluster: call.cluster,
    account,
    ...(boundTo && { boundTo }),
    ...(bound?.kind === 'Pod' && { node: nodeOf(state, boundTo as Pod) }),
    audiences,
    now,
    expires: isExtended ? plus(now, EXTENDED * 1000) : expires,
    ...(isExtended && { warnAfter: expires }),
    id: call.api.env.ids.uid(),
  });
  return answerWith(call, { ...request, status: { token, expirationTimestamp: timestamp(epochMs(expires)) } }, 201);
}

/** The default of its kind. */
const withHour = (request: TokenRequest): TokenRequest => ({
  ...request,
  spec: { ...request.spec, expirationSeconds: request.spec?.expirationSeconds ?? HOUR },
});

interface Completing {
  readonly state: State;
  readonly namespace: string;
  readonly name: string;
  readonly audiences: string[];
  readonly creationTimestamp: string;
}

/** A request with all that it need not say, as validating admission is shown it. Throws 404 (no such account), 409 (another one), 422. */
function completed({ metadata, spec, ...request }: TokenRequest, { state, namespace, name, audiences, creationTimestamp }: Completing): TokenRequest {
  if (metadata.name && metadata.name !== name)
    throw invalid(KIND, name, [invalidValue('metadata.name', metadata.name, 'must match the service account name if specified')]);
  const account = state.get('serviceaccounts', namespace, name);
  if (!account) throw notFound({ group: '', resource: 'serviceaccounts' }, name);
  const uid = account.metadata.uid!;
  if (metadata.uid && metadata.uid !== uid) {
    const why = `the UID in the token request (${metadata.uid}) does not match the UID of the service account (${uid})`;
    throw conflict({ group: KIND.group, resource: KIND.kind }, name, why);
  }
  const { expirationSeconds: seconds = HOUR, audiences: asked = [] } = spec ?? {};
  if (seconds < MINUTES_10) throw invalidDuration(seconds, 'may not specify a duration less than 10 minutes');
  if (seconds > LONGEST) throw invalidDuration(seconds, 'may not specify a duration larger than 2^32 seconds');
  const { status: _, ...rest } = request;
  return { ...rest, metadata: { ...metadata, name, namespace, uid, creationTimestamp }, spec: { ...spec, audiences: asked.length > 0 ? asked : audiences } };
}

/** Where a pod runs, once that is known. */
function nodeOf(state: State, { spec }: Pod): NodeReference | undefined {
  if (!spec?.nodeName) return undefined;
  const uid = state.get('nodes', undefined, spec.nodeName)?.metadata.uid;
  return { name: spec.nodeName, ...(uid !== undefined && { uid }) };
}

const bindable: Readonly<Record<string, { resource: string; namespaced: boolean }>> = {
  Pod: { resource: 'pods', namespaced: true },
  Secret: { resource: 'secrets', namespaced: true },
  Node: { resource: 'nodes', namespaced: false },
};

/** The object with which a token is to end. Throws 400, 404, 409 (another one of this name). */
function boundObject(
  state: State,
  { namespace, account }: { namespace: string; account: string },
  reference: { kind?: string; apiVersion?: string; name?: string; uid?: string },
): KubeObject {
  const { kind = '', apiVersion = '', name = '', uid } = reference;
  if (apiVersion.includes('/') || !Object.hasOwn(bindable, kind)) {
    const type = apiVersion.includes('/') ? apiVersion : `/${apiVersion}`;
    throw badRequest(`cannot bind token to object of type ${type}, Kind=${kind}`);
  }
  const { resource, namespaced } = bindable[kind]!;
  const object = state.get(resource, namespaced ? namespace : undefined, name);
  if (!object) throw notFound({ group: '', resource }, name);
  if (kind === 'Pod' && (object as Pod).spec?.serviceAccountName !== account) {
    throw badRequest(`cannot bind token for serviceaccount ${quoted(account)} to pod running with different serviceaccount name.`);
  }
  if (uid && uid !== object.metadata.uid)
    throw conflict(
      { group: '', resource: kind },
      name,
      `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  return object;
}
