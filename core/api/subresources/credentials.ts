import { CLUSTERS, type Cluster } from '../../apis/logplane/cluster.ts';
import { API_VERSION, GROUP } from '../../apis/logplane/own-resource.ts';
import { epochMs, plus } from '../../instant.ts';
import { kubeconfigOf } from '../../kube/kubeconfig.ts';
import { type KubeObject, timestamp } from '../../kube/object.ts';
import { conflict, type FieldError, forbidden, invalid, notFound } from '../../kube/status.ts';
import { isMaster, type User } from '../../kube/user.ts';
import { invalidValue } from '../../kube/validation/field.ts';
import { customType } from '../../schema/custom/type-schema.ts';
import { valueErrors } from '../../schema/custom/value-errors.ts';
import type { JSONSchemaProps } from '../../schema/generated/kinds.ts';
import { answerWith, headersFor } from '../answers/answers.ts';
import { notImplemented } from '../answers/failures.ts';
import { objectFromBody } from '../answers/object-body.ts';
import type { WriteCall } from '../call.ts';
import { readWriteOptions } from '../query/write-options.ts';
import type { BodyType } from '../request/body-type.ts';
import { newestState } from '../request/reading.ts';
import { serverOf } from '../request/server-url.ts';
import { admitUnstored } from './admit-unstored.ts';

/** A request for the credentials of one cluster, and what came of it. */
interface Credentials extends KubeObject {
  readonly spec?: { readonly user?: string; readonly groups?: readonly string[]; readonly expirationSeconds?: number };
}

const KIND = { group: GROUP, kind: 'ClusterCredentials' };

const schema: JSONSchemaProps = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        user: { type: 'string', minLength: 1, maxLength: 253 },
        groups: { type: 'array', maxItems: 64, items: { type: 'string', minLength: 1, maxLength: 253 } },
        expirationSeconds: { type: 'integer', format: 'int64' },
      },
    },
    status: {
      type: 'object',
      properties: { token: { type: 'string' }, expirationTimestamp: { type: 'string', format: 'date-time' }, kubeconfig: { type: 'string' } },
    },
  },
};

const type: BodyType = { gvk: { ...KIND, version: 'v1' }, type: customType('dev.logplane.v1.ClusterCredentials', { ...KIND, version: 'v1' }, schema) };

/**
 * `POST …/clusters/NAME/credentials`: a token, and a whole kubeconfig, which are good for that cluster alone, as a user in groups, for a while; with `?format=kubeconfig` that file alone.
 * Nothing is kept of it. Throws 403 (for a user or group of the system, to who is no administrator), 404, 409 (it is being deleted), 422.
 */
export async function issueCredentials(call: WriteCall): Promise<Response> {
  const { api, info, query } = call;
  if (!api.clusterCredentials) throw notImplemented('this server has no key to sign credentials of clusters with');
  const options = readWriteOptions(query, 'CreateOptions');
  const name = info.name!;
  const state = await newestState(call);
  const cluster = state.get(CLUSTERS, undefined, name) as Cluster | undefined;
  if (!cluster) throw notFound({ group: GROUP, resource: 'clusters' }, name);
  if (cluster.metadata.deletionTimestamp) throw conflict({ group: GROUP, resource: 'clusters' }, name, 'it is being deleted');
  const sent = call.body.length > 0 ? objectFromBody<Credentials>(call, type, options) : { apiVersion: API_VERSION, kind: KIND.kind, metadata: { name } };
  const prepare = (credentials: Credentials) => ({ ...credentials, metadata: { ...credentials.metadata, name } });
  const { spec = {}, ...asked } = await admitUnstored<Credentials>(call, { operation: 'CREATE', object: sent, prepare, dryRun: options.dryRun }, state);
  const seconds = spec.expirationSeconds ?? HOUR;
  const errors = [...valueErrors({ spec }, schema), ...durationErrors(seconds)];
  if (errors.length > 0) throw invalid(KIND, name, errors);
  const user: User = { username: spec.user ?? DEFAULT_USER, groups: spec.groups ?? [] };
  refuseForeign(user, call);
  // By real time, as the API does that checks a token.
  const now = api.env.clock.now();
  const expires = plus(now, seconds * 1_000);
  const token = await api.clusterCredentials.issue({ cluster: name, log: cluster.status!.log!, user, now, expires, id: api.env.ids.uid() });
  const { url, ca } = serverOf(call, name);
  const kubeconfig = url === undefined ? undefined : kubeconfigOf([{ name, server: url, ca, token }]);
  if (query.get('format') === 'kubeconfig' && kubeconfig !== undefined) {
    const headers = headersFor(call);
    headers.set('content-type', 'application/yaml');
    return new Response(kubeconfig, { status: 201, headers });
  }
  const status = { token, expirationTimestamp: timestamp(epochMs(expires)), ...(kubeconfig !== undefined && { kubeconfig }) };
  return answerWith(call, { ...asked, spec: { user: user.username, groups: user.groups, expirationSeconds: seconds }, status }, 201);
}

const DEFAULT_USER = 'cluster-user';
const HOUR = 3_600;
const SHORTEST = 600;
const LONGEST = 2 ** 32;

function durationErrors(seconds: number): FieldError[] {
  if (seconds < SHORTEST) return [invalidValue('spec.expirationSeconds', seconds, 'may not specify a duration less than 10 minutes')];
  return seconds > LONGEST ? [invalidValue('spec.expirationSeconds', seconds, 'may not specify a duration larger than 2^32 seconds')] : [];
}

/** Who may have the credentials of clusters made is therefore no administrator, nor a component of them. */
function refuseForeign({ username, groups }: User, { user }: WriteCall): void {
  if (isMaster(user)) return;
  const reserved = [username, ...groups].find((name) => name.startsWith('system:'));
  if (reserved !== undefined)
    throw forbidden(
      { group: GROUP, resource: 'clusters/credentials' },
      reserved,
      'only administrators may have credentials made for users and groups of the system',
    );
}
