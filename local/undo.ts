import { API_VERSION } from '../core/apis/logplane/own-resource.ts';
import type { RestoredObject, RestoredStatus } from '../core/apis/logplane/restored-objects.ts';
import type { KubeObject } from '../core/kube/object.ts';
import { type ApiClient, Refused } from './client/api-client.ts';
import { groupResourceOf, type NamedObject, namedObject, nameOfObject, withoutOwnApi } from './client/resources.ts';
import { laidOut, type Row } from './columns.ts';
import { changeAt, changesOf } from './looking/changes.ts';

/** Exactly one of `offset`, `request`, `actor` (with `since`) and `object` (to its state before its last request, or `to` a moment). */
interface UndoneChanges {
  readonly offset?: number;
  readonly request?: number;
  readonly actor?: string;
  readonly since?: string;
  /** `KIND/NAME` */
  readonly object?: string;
  readonly to?: string;
}

interface UndoOptions {
  readonly force: boolean;
  readonly dryRun: boolean;
  /** Only in the namespace of the client; in the whole cluster, unless told. */
  readonly isNamespaced: boolean;
}

/** The record of what was undone, or would be. */
export type UndoRecord = KubeObject & { readonly status: RestoredStatus };

/** Takes changes back (docs/undo.md). Throws what the cluster refuses: then nothing was done. */
export async function undo(what: UndoneChanges, options: UndoOptions, client: ApiClient): Promise<UndoRecord> {
  const { kind, spec, namespace } = await recordOf(what, options, client);
  const resource = `${kind.toLowerCase()}s`;
  const within = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  const record = { apiVersion: API_VERSION, kind, metadata: { generateName: 'undo-' }, spec: { ...spec, ...(options.force && { force: true }) } };
  const query = new URLSearchParams({ fieldManager: 'logplane-undo', ...(options.dryRun && { dryRun: 'All' }) });
  return client.send<UndoRecord>('POST', `/apis/${API_VERSION}${within}/${resource}?${query}`, record).catch(async (error) => {
    throw await withoutOwnApi(error, client);
  });
}

interface Record {
  readonly kind: 'Undo' | 'ClusterUndo' | 'Restore' | 'ClusterRestore';
  readonly spec: object;
  readonly namespace: string | undefined;
}

async function recordOf({ object, to, since, ...changes }: UndoneChanges, { isNamespaced }: UndoOptions, client: ApiClient): Promise<Record> {
  if (object === undefined) {
    const spec = { ...changes, ...(since !== undefined && { since: moment(since) }) };
    return isNamespaced ? { kind: 'Undo', spec, namespace: client.namespace } : { kind: 'ClusterUndo', spec, namespace: undefined };
  }
  const named = await namedObject(object, client);
  const { namespace, name, resource } = named;
  if (to === undefined) return { kind: namespace === undefined ? 'ClusterUndo' : 'Undo', spec: { offset: await lastRequest(named, client) }, namespace };
  const spec = { at: moment(to), resources: [groupResourceOf(resource)], names: [name] };
  return { kind: namespace === undefined ? 'ClusterRestore' : 'Restore', spec, namespace };
}

const moment = (text: string): number | string => (/^\d+$/.test(text) ? Number(text) : text);

/** The last change of an object that a user has made: it answers to no other one, or is what a Transaction, an Undo or a Restore did. */
async function lastRequest(named: NamedObject, client: ApiClient): Promise<number> {
  const { changes } = await changesOf(named, client, MOST_CHANGES);
  for (const { offset, cause, actor } of changes) {
    if (cause === undefined) return offset;
    if (!COMPONENT.test(actor.username) && (await isRecord(cause, named, client))) return offset;
  }
  throw new Error(`${nameOfObject(named.resource, named.name)} was not changed by a request as far as the log goes back: choose a change by its offset`);
}

/** Who carries out what follows from requests. */
const COMPONENT = /^system:(serviceaccount:kube-system:|kube-|node:)/;

async function isRecord(offset: number, { namespace }: NamedObject, client: ApiClient): Promise<boolean> {
  const found = await changeAt(offset, namespace, client).catch((error) => {
    if (error instanceof Refused && error.status.code === 404) return undefined;
    throw error;
  });
  return found?.object.resource.endsWith('.logplane.dev') === true;
}

const MOST_CHANGES = 5_000;

/** What was undone, or would be, for people. */
export function undoneLines({ kind, metadata, status }: UndoRecord, { dryRun, columns }: { dryRun: boolean; columns: number | undefined }): string[] {
  const { objects, skipped = [] } = status;
  const rows: Row[] = [
    ...objects.map((object) => [DONE[object.operation], named(object), (object.fields ?? []).join(', ')]),
    ...skipped.map((object) => ['left', named(object), object.reason]),
  ];
  const record = `${kind.toLowerCase()}.logplane.dev/${metadata.name} created`;
  const nothing = objects.length === 0 ? ['Nothing is to be undone.'] : [];
  return [...nothing, ...laidOut(rows, { columns }), dryRun ? `${record} (server dry run): nothing was written` : record];
}

const DONE: Readonly<{ [O in RestoredObject['operation']]: string }> = { Create: 'created again', Update: 'changed back', Delete: 'removed' };

const named = ({ resource, namespace, name }: { resource: string; namespace?: string; name: string }): string =>
  `${resource}/${name}${namespace === undefined ? '' : ` -n ${namespace}`}`;
