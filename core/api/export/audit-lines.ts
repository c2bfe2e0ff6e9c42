import { createHash } from 'node:crypto';
import { type KubeObject, microTimestamp, parseKey } from '../../kube/object.ts';
import { expired } from '../../kube/status.ts';
import type { Offset } from '../../log/event.ts';
import { resetsIn } from '../../replica/cluster-reset.ts';
import type { Change } from '../../state/change.ts';
import type { AuditEvent, ObjectReference } from '../audit/event.ts';
import { ChangeReader } from '../changes/reader.ts';
import { secretWithoutValues } from '../changes/without-secrets.ts';
import { utf8Pieces } from '../utf8-pieces.ts';
import { SLICE, streamOf } from '../watch/watch-stream.ts';
import type { ExportCall } from './export-call.ts';

interface AuditRange {
  /** None: from where the log begins. */
  readonly from: Offset | undefined;
  readonly to: Offset;
}

/** The changes of a range, as the audit log of a kube-apiserver would have them: told piece by piece, each made when the one before is taken. */
export async function exportAudit(call: ExportCall, { from, to }: AuditRange): Promise<Response> {
  const { replica, request, cluster, info, user } = call;
  const begin = await replica.entries.begin();
  // As kube-apiserver says it when etcd was compacted.
  if (from !== undefined && from <= begin) throw expired('The resourceVersion for the provided list is too old.');
  const reader = new ChangeReader({ user, replica });
  const range = { after: Math.max(begin, (from ?? 1) - 1), to };
  const source = () => lines({ replica, cluster, reader, namespace: info.namespace }, range);
  const headers = { 'content-type': 'application/jsonl', 'cache-control': 'no-cache, private' };
  return new Response(
    streamOf(source, request.signal, () => undefined),
    { headers },
  );
}

type Exporting = Pick<ExportCall, 'replica' | 'cluster'> & { readonly reader: ChangeReader; readonly namespace: string | undefined };

async function* lines(exporting: Exporting, { after, to }: { after: Offset; to: Offset }): AsyncGenerator<Uint8Array> {
  const { replica } = exporting;
  const { restores } = replica;
  for (let offset = after; offset < to; ) {
    const reset = resetsIn(replica.state).find(({ at }) => at === offset + 1);
    // Nothing leads from what was before a reset to what is behind it: it goes on there.
    if (reset) {
      offset = reset.at;
      continue;
    }
    const { changes } = await replica.changesAfter(offset, { signal: NOT_AT_ALL, restores, limit: AT_ONCE });
    offset = changes.at(-1)?.offset ?? to;
    yield* utf8Pieces(linesOf(changes, to, exporting), SLICE);
  }
}

const AT_ONCE = 200;
const NOT_AT_ALL = AbortSignal.abort();

function* linesOf(changes: readonly Change[], to: Offset, exporting: Exporting): Generator<string> {
  for (const change of changes) {
    if (change.offset > to) return;
    if (exporting.namespace !== undefined && parseKey(change.key).namespace !== exporting.namespace) continue;
    yield `${JSON.stringify(auditEventOf(change, exporting))}\n`;
  }
}

/** What is written down of the request by which a change came about, as far as the log knows it. Objects are in the version in which they are stored. */
function auditEventOf(change: Change, { cluster, reader }: Exporting): AuditEvent {
  const { offset, type, actor, manager, cause, time, key, object, previous } = change;
  const { resource } = parseKey(key);
  const mayGet = reader.mayGet(key);
  const at = microTimestamp(time);
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: mayGet ? 'RequestResponse' : 'Metadata',
    auditID: uuidOf(`${cluster} ${offset}`),
    stage: 'ResponseComplete',
    requestURI: uriOf(change),
    verb: verbOf(change),
    user: actor,
    ...(manager && { userAgent: manager.name }),
    objectRef: referenceOf(change, previous ?? object),
    responseStatus: { metadata: {}, code: type === 'ADDED' ? 201 : 200 },
    ...(mayGet && { responseObject: resource === 'secrets' ? secretWithoutValues(object) : object }),
    requestReceivedTimestamp: at,
    stageTimestamp: at,
    annotations: {
      'authorization.k8s.io/decision': 'allow',
      'logplane.dev/offset': String(offset),
      ...(cause !== undefined && { 'logplane.dev/cause': String(cause) }),
    },
  };
}

function verbOf({ type, manager }: Change): string {
  if (type === 'DELETED') return 'delete';
  if (manager?.operation === 'Apply') return 'patch';
  return type === 'ADDED' ? 'create' : 'update';
}

function uriOf(change: Change): string {
  const { resource: groupResource, namespace, name } = parseKey(change.key);
  const { apiVersion } = change.object;
  const { manager } = change;
  const [resource] = groupResource.split('.');
  const collection = `${apiVersion.includes('/') ? '/apis' : '/api'}/${apiVersion}${namespace && `/namespaces/${namespace}`}/${resource}`;
  if (verbOf(change) === 'create') return collection;
  return `${collection}/${name}${manager?.subresource ? `/${manager.subresource}` : ''}`;
}

function referenceOf({ key, object, manager }: Change, before: KubeObject): ObjectReference {
  const { resource: groupResource, namespace, name } = parseKey(key);
  const [group, version] = object.apiVersion.includes('/') ? object.apiVersion.split('/') : ['', object.apiVersion];
  const { uid, resourceVersion } = before.metadata;
  return {
    resource: groupResource.split('.')[0]!,
    ...(namespace && { namespace }),
    name,
    ...(uid && { uid }),
    ...(group && { apiGroup: group }),
    apiVersion: version!,
    ...(resourceVersion && { resourceVersion }),
    ...(manager?.subresource && { subresource: manager.subresource }),
  };
}

/** The same change has the same id whenever it is exported, in the form of a version 8 UUID (RFC 9562, section 5.8). */
function uuidOf(text: string): string {
  const hex = [...createHash('sha256').update(text).digest('hex').slice(0, 32)];
  hex[12] = '8';
  hex[16] = '89ab'[Number.parseInt(hex[16]!, 16) % 4]!;
  const all = hex.join('');
  return [all.slice(0, 8), all.slice(8, 12), all.slice(12, 16), all.slice(16, 20), all.slice(20)].join('-');
}
