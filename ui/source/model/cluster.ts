import { batch, computed, signal, untracked } from '@preact/signals';
import { ApiError, get, Unreachable } from '../api/client.ts';
import { pause } from '../api/pause.ts';
import { Follower } from './follower.ts';
import { forgetTables } from './kept-tables.ts';
import { PastRecording } from './past-recording.ts';
import { PastRecordings } from './past-recordings.ts';
import type { Recording, Timelines } from './recording.ts';
import { type Kept, type ResourceName, resourceNames } from './resources.ts';

/** The cluster that is shown. */
export const clusterName = signal('');
/** At which offset it is looked at; undefined: as it is. */
export const at = signal<number | undefined>(undefined);
/** The newest offset that is known of. */
export const head = signal(0);
/** The oldest offset that can be looked at. */
export const begin = signal(0);
/** What is under way: the first picture, or a moment of the past. */
export const loading = signal<string | undefined>('Reading the cluster');
/** What goes wrong at the moment, in a sentence. */
export const problem = signal<string | undefined>(undefined);
/** What the user may not read, of what the page follows: it is not there for them. */
export const unreadable = signal<readonly ResourceName[]>([]);
/** The cluster of which there is a first picture: what is asked beside that waits for it. */
export const pictured = signal('');
/** Moves whenever something else is shown. What reads `objects` reads it, too. */
export const version = signal(0);

/** The offset that is shown. */
export const offset = computed(() => at.value ?? head.value);
export const isPast = computed(() => at.value !== undefined);

/** How much of the log is kept at hand beside what is looked at. */
const STRETCH = 20_000;

let live: Follower | undefined;
const pasts = new PastRecordings();
let shown: Recording | undefined;
let loads = new AbortController();
const problems = new Map<ResourceName, Error>();

/** The objects of a resource as they are at the offset that is shown, by `namespace/name`. The same map is changed in place; read `version` to be told. */
export function objects<R extends ResourceName>(resource: R): ReadonlyMap<string, Kept[R]> {
  void version.value;
  return shown?.timelines[resource].objects ?? NOTHING;
}

const NOTHING = new Map<string, never>();

/** What happened in the stretch of the log that is at hand, and how far it goes. */
export function atHand(): { readonly from: number; readonly to: number; readonly timelines: Timelines } | undefined {
  void version.value;
  const recording = shown;
  return (
    recording && {
      from: recording.from,
      to: Math.min(
        recording.to,
        untracked(() => head.value),
      ),
      timelines: recording.timelines,
    }
  );
}

/** Shows a cluster, as it is. */
export function openCluster(name: string): void {
  if (name === clusterName.value) return;
  closeCluster();
  batch(() => {
    clusterName.value = name;
    live = new Follower({ cluster: name, moved, problem: failing, another: () => reopen(name) });
    shown = live;
    version.value++;
  });
}

/** Nothing is shown any more, nor kept, nor asked for. */
export function closeCluster(): void {
  live?.close();
  live = undefined;
  shown = undefined;
  loads.abort();
  resting(undefined);
  pasts.forgetAll();
  forgetTables();
  problems.clear();
  remembered = '';
  batch(() => {
    clusterName.value = '';
    pictured.value = '';
    head.value = 0;
    arrived.value = 0;
    begin.value = 0;
    unreadable.value = [];
    problem.value = undefined;
    loading.value = 'Reading the cluster';
    version.value++;
  });
}

/** There is another cluster of its name, or its log is another one: what is known is of no use. */
function reopen(name: string): void {
  closeCluster();
  at.value = undefined;
  openCluster(name);
}

function moved(to: number): void {
  if (to > head.value) arrived.value = Math.max(arrived.value, to);
  redraw();
}

/** A view that reads what is not followed as a whole tells how far the cluster has come. */
export function heardOf(cluster: string, to: number): void {
  if (cluster === clusterName.value && to > head.value) moved(to);
}

const arrived = signal(0);
let isDue = false;

/** What comes in is shown with the next picture that the browser draws. */
function redraw(): void {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(draw);
  // A page that nobody looks at is drawn seldom, and must not fall behind for that.
  setTimeout(draw, 250);
}

function draw(): void {
  if (!isDue) return;
  isDue = false;
  // Nodes without their pods, and workloads without either, are no picture yet. What cannot be read holds up nothing else.
  if (live && shown === live && !live.hasBegun && problems.size === 0) return;
  batch(() => {
    if (live) head.value = Math.max(head.value, arrived.value);
    if (live?.hasBegun && loading.value && shown === live) loading.value = undefined;
    const to = at.value ?? Number.POSITIVE_INFINITY;
    if (shown) for (const name of resourceNames) shown.timelines[name].goTo(to);
    version.value++;
  });
  if (!live?.hasBegun) return;
  pictured.value = clusterName.value;
  void remember();
}

function failing(resource: ResourceName, error: Error | undefined): void {
  if (error) problems.set(resource, error);
  else problems.delete(resource);
  unreadable.value = [...problems].flatMap(([name, of]) => (of instanceof ApiError && of.code === 403 ? [name] : []));
  const first = [...problems].find(([name]) => !unreadable.value.includes(name));
  problem.value = first && (first[1] instanceof Unreachable ? SILENT : `${first[0]} cannot be read: ${first[1].message}`);
  redraw();
}

const SILENT = 'The host does not answer. What is shown is how the cluster was when it last did; it goes on by itself once the host is there again.';

let remembered = '';

/** Once the first picture is there, what led to it is read as well, so that the slider has something to go back in. */
async function remember(): Promise<void> {
  const cluster = clusterName.value;
  if (remembered === cluster || !live) return;
  remembered = cluster;
  const follower = live;
  try {
    begin.value = await firstOffset(cluster);
    await follower.extendBack(Math.max(begin.value, follower.from - STRETCH));
    redraw();
  } catch (error) {
    if (follower !== live) return;
    // With the next change it is tried again.
    if (error instanceof Unreachable) remembered = '';
    else problem.value = `what happened before cannot be read: ${(error as Error).message}`;
  }
}

async function firstOffset(cluster: string): Promise<number> {
  const query = { limit: 1, fieldSelector: 'order=oldest', fields: 'offset' };
  const { items } = await get<{ items: { offset: number }[] }>({ cluster }, '/apis/logplane.dev/v1/changes', { query });
  return items[0]?.offset ?? 0;
}

/** Looks at the cluster as it was at an offset; undefined: as it is. What is at hand, or was read before, is there at once; what is not is read first. */
export function lookAt(to: number | undefined): void {
  // Where the newest is not known yet, any may be of the past.
  const isNow = to === undefined || (head.value > 0 && to >= head.value);
  const wanted = isNow ? undefined : Math.max(to, begin.value, 1);
  at.value = wanted;
  loads.abort();
  if (problem.value === ofPast) problem.value = undefined;
  const known = wanted === undefined || (live && wanted >= live.from) ? live : pasts.at(wanted);
  if (known || wanted === undefined) show(known);
  else void readPast(wanted);
}

function show(recording: Recording | undefined): void {
  shown = recording;
  loading.value = recording === live && !live?.hasBegun ? 'Reading the cluster' : undefined;
  redraw();
  resting(recording instanceof PastRecording ? recording : undefined);
}

/** The moment of the past around which is read. */
let surrounded: PastRecording | undefined;

/** What happened around a moment that is not looked at any more is not read further. */
function resting(next: PastRecording | undefined): void {
  if (surrounded !== next) surrounded?.rest();
  surrounded = next;
  if (next) void surround(next);
}

async function surround(recording: PastRecording): Promise<void> {
  const { offset } = recording;
  const wanted = { from: Math.max(begin.value, offset - STRETCH / 2, 1), to: Math.max(offset, Math.min(offset + STRETCH / 2, live?.from ?? offset)) };
  const grown = () => {
    pasts.keep(recording);
    redraw();
  };
  await recording.surround({ ...wanted, grown }).catch((error: Error) => {
    ofPast = problem.value = `what happened around ${offset} cannot be read: ${error.message}`;
  });
}

/** What was said of a moment of the past: it goes with it. */
let ofPast: string | undefined;

/** While the slider is dragged through what is not at hand, only where it stands still is read. */
const STANDS_STILL_MS = 60;
const AGAIN_MS = 1_000;

async function readPast(offset: number): Promise<void> {
  loads = new AbortController();
  const { signal } = loads;
  const cluster = clusterName.value;
  loading.value = 'Reading the past';
  await pause(STANDS_STILL_MS, signal);
  while (!signal.aborted) {
    try {
      const recording = await PastRecording.at(offset, { cluster, signal });
      if (signal.aborted) return;
      pasts.keep(recording);
      if (problem.value === ofPast) problem.value = undefined;
      return show(recording);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Unreachable)) return cannotShow(offset, error as Error);
      ofPast = problem.value = SILENT;
      await pause(AGAIN_MS, signal);
    }
  }
}

/** Nothing is shown under the name of a moment that it is not of. */
function cannotShow(offset: number, { message }: Error): void {
  lookAt(undefined);
  ofPast = problem.value = `how it was at ${offset} cannot be read: ${message}`;
}

/** The offset that a time, a bookmark or an offset is, in the cluster that is shown. Throws an ApiError where there is none. */
export async function offsetOf(when: string): Promise<number> {
  if (/^\d+$/.test(when)) return Number(when);
  const { metadata } = await get<{ metadata: { resourceVersion: string } }>({ cluster: clusterName.value, at: when }, '/api/v1/namespaces', {
    query: { limit: 1, fields: 'metadata.name' },
  });
  return Number(metadata.resourceVersion);
}

/** A page that is hidden for a while follows nothing. */
const HIDDEN_MS = 60_000;
let hidden: ReturnType<typeof setTimeout> | undefined;
document.addEventListener('visibilitychange', () => {
  clearTimeout(hidden);
  if (document.visibilityState === 'visible') live?.pause(false);
  else hidden = setTimeout(() => live?.pause(true), HIDDEN_MS);
});
