import { effect, signal } from '@preact/signals';
import { ApiError, get } from '../api/client.ts';
import { pause } from '../api/pause.ts';
import { watch } from '../api/watch.ts';
import { pictured } from '../model/cluster.ts';

/** Something that somebody did, or that happened to a node: what one looks for in the past. */
export interface Mark {
  readonly offset: number;
  readonly time: string;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly actor: string;
  readonly what: string;
}

interface ChangeHead {
  readonly metadata: { readonly resourceVersion: string };
  readonly offset: number;
  readonly time: string;
  readonly type: Mark['type'];
  readonly object: { readonly resource: string; readonly namespace?: string; readonly name: string };
  readonly actor: { readonly username: string };
  readonly what: string;
  readonly cause?: number;
}

/** Oldest first. */
export const marks = signal<readonly Mark[]>([]);

const PATH = '/apis/logplane.dev/v1/changes';
const fields = 'offset,time,type,object.resource,object.namespace,object.name,actor.username,what,cause';
/** What controllers and nodes write all the time is not asked for. */
const SELECTED = [
  'events',
  'leases.coordination.k8s.io',
  'replicasets.apps',
  'endpoints',
  'endpointslices.discovery.k8s.io',
  'controllerrevisions.apps',
  'csinodes.storage.k8s.io',
]
  .map((resource) => `resource!=${resource}`)
  .join();
/** Parts of the control plane, which are no people. */
const OWN = /^system:(serviceaccount:kube-system:|kube-|node:|apiserver|volume-)/;
const MOST = 500;

/** What people and their tools did: whatever began something, and was not begun by the control plane itself. */
const isMark = ({ cause, actor }: ChangeHead): boolean => cause === undefined && !OWN.test(actor.username);

const markOf = ({ offset, time, type, object, actor, what }: ChangeHead): Mark => ({
  offset,
  time,
  type,
  resource: object.resource,
  namespace: object.namespace,
  name: object.name,
  actor: actor.username,
  what,
});

/** Goes on after whatever goes wrong. Who may not read changes has no marks, without which the slider works all the same. */
async function follow(cluster: string, signal: AbortSignal): Promise<void> {
  let after: number | undefined;
  while (!signal.aborted) {
    try {
      after ??= await begin(cluster, signal);
      for await (const events of watch<ChangeHead>({ where: { cluster }, path: PATH, fields, after, signal, fieldSelector: SELECTED })) {
        after = Math.max(after, ...events.map(({ object }) => Number(object.metadata.resourceVersion)));
        const found = events.filter(({ type, object }) => type !== 'BOOKMARK' && isMark(object)).map(({ object }) => markOf(object));
        if (found.length > 0) marks.value = [...marks.value, ...found].slice(-MOST);
      }
    } catch (error) {
      if (error instanceof ApiError && (error.code === 403 || error.code === 404)) return;
      // What came after is no longer kept: it begins anew.
      if (error instanceof ApiError) after = undefined;
    }
    await pause(AGAIN_MS, signal);
  }
}

const AGAIN_MS = 3_000;

async function begin(cluster: string, signal: AbortSignal): Promise<number> {
  const query = { fieldSelector: SELECTED, fields, limit: MOST };
  const { items, metadata } = await get<{ items: ChangeHead[]; metadata: { resourceVersion: string } }>({ cluster }, PATH, { query, signal });
  marks.value = items.filter(isMark).map(markOf).reverse();
  return Number(metadata.resourceVersion);
}

effect(() => {
  const cluster = pictured.value;
  const stop = new AbortController();
  marks.value = [];
  if (cluster !== '') void follow(cluster, stop.signal);
  return () => stop.abort();
});
