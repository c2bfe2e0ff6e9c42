import { ApiError, get } from '../api/client.ts';
import { type WatchEvent, watch } from '../api/watch.ts';
import type { Slim } from './kinds.ts';
import { type Kept, type ResourceName, resources } from './resources.ts';
import { keyOf, Timeline } from './timeline.ts';

export type Timelines = { readonly [R in ResourceName]: Timeline<Kept[R]> };

/** The objects of a cluster over a stretch of its log. */
export interface Recording {
  readonly timelines: Timelines;
  /** From here on all is known, of every resource. */
  readonly from: number;
  /** Up to here; of what goes on, for ever. */
  readonly to: number;
}

interface SlimList {
  readonly metadata: { readonly resourceVersion: string };
  readonly items?: readonly Slim[] | null;
}

/** The objects of a resource, and the offset that they are of. At an offset, if one is named. */
export async function listed(
  resource: ResourceName,
  of: { readonly cluster: string; readonly at?: number; readonly signal: AbortSignal },
): Promise<{ offset: number; items: readonly Slim[] }> {
  const { path, fields } = resources[resource];
  try {
    const { metadata, items } = await get<SlimList>(of, path, { query: { fields }, signal: of.signal });
    return { offset: of.at ?? Number(metadata.resourceVersion), items: items ?? [] };
  } catch (error) {
    if (isHidden(error) && of.at !== undefined) return { offset: of.at, items: [] };
    throw error;
  }
}

interface Stretch {
  readonly cluster: string;
  readonly from: number;
  readonly to: number;
  readonly signal: AbortSignal;
}

/** What happened to a resource between two offsets: what was there, and each change from there on. Of Events, which are many and of the moment, only those from there on. */
export async function recorded(resource: ResourceName, { cluster, from, to, signal }: Stretch): Promise<Timeline<Slim>> {
  const there = resource === 'events' ? { items: [] } : await listed(resource, { cluster, at: from, signal });
  const timeline = new Timeline<Slim>(from, there.items);
  if (to > from) await told(resource, { cluster, from, to, signal }, (events) => addAll(timeline, events));
  return timeline;
}

/** What happened to a resource after an offset, up to another one, as it comes. */
export async function told(resource: ResourceName, { cluster, from, to, signal }: Stretch, each: (events: readonly WatchEvent<Slim>[]) => void): Promise<void> {
  const { path, fields } = resources[resource];
  try {
    for await (const events of watch<Slim>({ where: { cluster, at: to }, path, fields, after: from, signal })) each(events);
  } catch (error) {
    if (!isHidden(error)) throw error;
  }
}

/** What somebody may not read is not there for them. */
const isHidden = (error: unknown): boolean => error instanceof ApiError && (error.code === 403 || error.code === 404);

/** Adds what a watch has told. Returns the offset up to which all is known with it. */
export function addAll(timeline: Timeline<Slim>, events: readonly WatchEvent<Slim>[]): number {
  let offset = 0;
  for (const { type, object } of events) {
    offset = Number(object.metadata.resourceVersion);
    if (type !== 'BOOKMARK') timeline.add(offset, keyOf(object), type === 'DELETED' ? undefined : object);
  }
  return offset;
}
