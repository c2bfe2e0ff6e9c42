import type { ChangeObject } from '../../core/apis/logplane/change.ts';
import type { KubeObject } from '../../core/kube/object.ts';
import { type ApiClient, Refused } from '../client/api-client.ts';
import { groupResourceOf, type NamedObject, withoutOwnApi } from '../client/resources.ts';

const CHANGES = '/apis/logplane.dev/v1';

/** Changes of an object, the newest first, and whether there are more. */
export interface ObjectChanges {
  readonly changes: readonly ChangeObject[];
  readonly more: boolean;
}

interface ChangeList {
  readonly metadata: { readonly continue?: string };
  readonly items: readonly ChangeObject[];
}

/** The newest changes of an object; of one that is gone, those of its name. Throws what the cluster refuses: 404 where it has never been. */
export async function changesOf(named: NamedObject, client: ApiClient, limit: number): Promise<ObjectChanges> {
  try {
    return await upTo(limit, (page) => client.get<ChangeList>(`${named.path}/history?${page}`));
  } catch (error) {
    if (!isNotFound(error)) throw await withoutOwnApi(error, client);
    const found = await changesOfName(named, client, limit);
    if (found.changes.length === 0) throw await withoutOwnApi(error, client);
    return found;
  }
}

async function changesOfName({ resource, name, namespace }: NamedObject, client: ApiClient, limit: number): Promise<ObjectChanges> {
  const fieldSelector = `resource=${groupResourceOf(resource)},name=${name}`;
  const base = namespace === undefined ? `${CHANGES}/changes` : `${CHANGES}/namespaces/${encodeURIComponent(namespace)}/changes`;
  return upTo(limit, (page) => client.get<ChangeList>(`${base}?${page}&fieldSelector=${encodeURIComponent(fieldSelector)}`));
}

async function upTo(limit: number, page: (query: string) => Promise<ChangeList>): Promise<ObjectChanges> {
  const changes: ChangeObject[] = [];
  let token: string | undefined;
  do {
    const left = Math.min(limit - changes.length, PAGE);
    const { metadata, items } = await page(`limit=${left}${token === undefined ? '' : `&continue=${encodeURIComponent(token)}`}`);
    changes.push(...items);
    token = metadata.continue || undefined;
  } while (token !== undefined && changes.length < limit);
  return { changes, more: token !== undefined };
}

const PAGE = 500;

/** One change with its differences and its causes. Throws what the cluster refuses. */
export const changeAt = (offset: number, namespace: string | undefined, client: ApiClient): Promise<ChangeObject> =>
  client.get<ChangeObject>(`${CHANGES}/namespaces/${encodeURIComponent(namespace ?? 'default')}/changes/${offset}`);

/** An object; undefined when it is not there. */
export async function objectIfThere<T extends KubeObject = KubeObject>(path: string, client: ApiClient): Promise<T | undefined> {
  try {
    return await client.get<T>(path);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

const isNotFound = (error: unknown): boolean => error instanceof Refused && error.status.code === 404;

/** `2026-11-27T10:00:00Z`: as it can be asked for. */
export const seconds = (time: string): string => `${time.slice(0, 19)}Z`;

/** What became of the object, in a few words. */
export const whatOf = ({ type, what }: { readonly type?: string; readonly what?: string }): string =>
  type === 'ADDED' ? 'created' : type === 'DELETED' ? 'deleted' : what || 'changed';

/** A user as people call it: a controller by its name alone. */
export const actorOf = (username: string): string =>
  username.replace(/^system:serviceaccount:kube-system:/, '').replace(/^system:serviceaccount:/, 'serviceaccount ');
