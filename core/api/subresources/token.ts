import { epochMs, plus } from '../../instant.ts';
import type { KubeObject } from '../../kube/object.ts';
import { timestamp } from '../../kube/object.ts';
import { badRequest, conflict, invalid, notFound } from '../../kube/status.ts';
import { invalidValue } from '../../kube/validation/field.ts';
import { schemaOf } from '../../schema/built-in-types.ts';
import type { TokenRequest } from '../../schema/generated/kinds.ts';
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

const invalidDuration = (seconds: number, why: string) =>
  invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, '', [invalidValue('spec.expirationSeconds', seconds, why)]);

/** A token for a service account (`kubectl create token`; registry/core/serviceaccount/storage/token.go). Nothing is kept of it. */
export async function requestToken(call: WriteCall): Promise<Response> {
  const tokens = call.api.serviceAccountTokens;
  if (!tokens) throw notImplemented('this server has no key to sign tokens of service accounts with');
  const options = readWriteOptions(call.query, 'CreateOptions');
  const { namespace, name } = call.info;
  const state = await newestState(call);
  const account = state.get('serviceaccounts', namespace, name!);
  if (!account) throw notFound({ group: '', resource: 'serviceaccounts' }, name!);
  const object = objectFromBody<TokenRequest>(call, type, options);
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
  const boundTo = bound && boundObject(state, namespace!, bound);
  // By real time, as the API does that checks a token: a cluster's own time may stand still, or run ahead.
  const now = call.api.env.clock.now();
  const expires = plus(now, seconds * 1000);
  const audiences = spec?.audiences ?? [];
  const token = await tokens.issue({ cluster: call.cluster, account, ...(boundTo && { boundTo }), audiences, now, expires, id: call.api.env.ids.uid() });
  const answered = {
    kind,
    apiVersion,
    metadata: { ...metadata, name, namespace, creationTimestamp: timestamp(epochMs(now)) },
    spec: { ...spec, audiences: audiences.length > 0 ? audiences : [tokens.issuer], expirationSeconds: seconds },
    status: { token, expirationTimestamp: timestamp(epochMs(expires)) },
  };
  return answerWith(call, answered, 201);
}

const bindable: Readonly<Record<string, { resource: string; namespaced: boolean }>> = {
  Pod: { resource: 'pods', namespaced: true },
  Secret: { resource: 'secrets', namespaced: true },
  Node: { resource: 'nodes', namespaced: false },
};

/** The object with which a token is to end. Throws 400, 404, 409 (another one of this name). */
function boundObject(state: State, namespace: string, reference: { kind?: string; apiVersion?: string; name?: string; uid?: string }): KubeObject {
  const { kind = '', apiVersion = '', name = '', uid } = reference;
  if (apiVersion !== 'v1' || !Object.hasOwn(bindable, kind)) throw badRequest(`cannot bind token to object of type ${apiVersion}, Kind=${kind}`);
  const { resource, namespaced } = bindable[kind]!;
  const object = state.get(resource, namespaced ? namespace : undefined, name);
  if (!object) throw notFound({ group: '', resource }, name);
  if (uid && uid !== object.metadata.uid)
    throw conflict(
      { group: '', resource },
      name,
      `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  return object;
}
