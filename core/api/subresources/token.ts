import type { NodeReference } from '../../auth/service-account-tokens.ts';
import { epochMs, plus } from '../../instant.ts';
import type { KubeObject, ObjectMeta } from '../../kube/object.ts';
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
  const object = objectFromBody<TokenRequest>(call, type, options);
  checkMetadata(object.metadata, { namespace: namespace!, name: name! });
  const account = state.get('serviceaccounts', namespace, name!);
  if (!account) throw notFound({ group: '', resource: 'serviceaccounts' }, name!);
  const { uid } = account.metadata;
  if (object.metadata?.uid && object.metadata.uid !== uid) {
    const why = `the UID in the token request (${object.metadata.uid}) does not match the UID of the service account (${uid})`;
    throw conflict({ group: KIND.group, resource: KIND.kind }, name!, why);
  }
  const sent = { ...object, metadata: { ...object.metadata, name: name!, namespace: namespace! } };
  const { dryRun } = options;
  const { apiVersion, kind, metadata, spec } = await admitUnstored<TokenRequest>(
    call,
    { operation: 'CREATE', object: sent, options: { ...(dryRun && { dryRun: ['All'] }) }, dryRun },
    state,
  );
  const seconds = spec?.expirationSeconds ?? HOUR;
  if (seconds < MINUTES_10) throw invalidDuration(seconds, 'may not specify a duration less than 10 minutes');
  if (seconds > LONGEST) throw invalidDuration(seconds, 'may not specify a duration larger than 2^32 seconds');
  const bound = spec?.boundObjectRef;
  const boundTo = bound && boundObject(state, { namespace: namespace!, account: name! }, bound);
  // By real time, as the API does that checks a token: a cluster's own time may stand still, or run ahead.
  const now = call.api.env.clock.now();
  const expires = plus(now, seconds * 1000);
  const audiences = spec?.audiences?.length ? spec.audiences : [tokens.issuer];
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
  const answered = {
    kind,
    apiVersion,
    metadata: { ...metadata, name, namespace, uid, creationTimestamp: timestamp(epochMs(now)) },
    spec: { ...spec, audiences, expirationSeconds: seconds },
    status: { token, expirationTimestamp: timestamp(epochMs(expires)) },
  };
  return answerWith(call, answered, 201);
}

/** What it says of itself must be what its path says. */
function checkMetadata(metadata: Partial<ObjectMeta> = {}, path: { readonly namespace: string; readonly name: string }): void {
  for (const field of ['name', 'namespace'] as const) {
    const given = metadata[field];
    if (!given || given === path[field]) continue;
    throw invalid(KIND, path.name, [invalidValue(`metadata.${field}`, given, `must match the service account ${field} if specified`)]);
  }
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
