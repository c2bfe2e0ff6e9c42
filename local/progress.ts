import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Apis, apisOf } from '../core/apis/apis.ts';
import { type Readiness, readinessOf } from '../core/plan/readiness.ts';
import type { Replica } from '../core/replica/replica.ts';
import type { State } from '../core/state/state.ts';
import type { Manifest } from './manifests.ts';

/** All is ready; all is ready but what failed for good; or it was not waited for longer. */
export type ProgressResult = 'ready' | 'failed' | 'stopped';

/**
 * Waits until everything in `manifests` is ready or has failed, and shows how far it is: on a terminal one line a namespace, kept up to
 * date; elsewhere a line whenever a namespace gets done. Resolves when there is nothing more to wait for, or `signal` aborts.
 */
export async function showProgress({ replica, manifests, out, signal }: ProgressOptions): Promise<ProgressResult> {
  const places = byPlace(manifests, apisOf(replica.state));
  const show = isTerminal(out) ? onTerminal(out) : inLines(out);
  const look = (): ProgressResult | undefined => {
    const rows = [...places].map(([place, members]) => rowOf(replica, place, members));
    show(rows);
    if (rows.some(({ mark }) => mark === '…')) return undefined;
    return rows.some(({ mark }) => mark === '✘') ? 'failed' : 'ready';
  };
  let outcome = look();
  if (outcome) return outcome;
  for await (const _ of replica.changes({ after: replica.state.offset, signal })) {
    outcome = look();
    if (outcome) return outcome;
    // A person reads no faster, and measuring everything after every change would slow the cluster down.
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  return look() ?? 'stopped';
}

export interface ProgressOptions {
  /** A replica, or what looks like one. */
  readonly replica: { readonly state: State; changes(options: Parameters<Replica['changes']>[0]): AsyncIterable<unknown> };
  readonly manifests: readonly Manifest[];
  readonly out: Writable | NodeJS.WriteStream;
  readonly signal: AbortSignal;
}

const LOOK_EVERY_MS = 50;

/** The manifests by namespace; a Namespace stands with what is in it, and what has no namespace apart. */
function byPlace(manifests: readonly Manifest[], apis: Apis): Map<string, Manifest[]> {
  return Map.groupBy(manifests, ({ object }) => {
    if (object.kind === 'Namespace') return object.metadata.name;
    return apis.ofKind(object.apiVersion, object.kind)?.namespaced === false ? CLUSTER_WIDE : (object.metadata.namespace ?? 'default');
  });
}

// No namespace can have this name.
const CLUSTER_WIDE = '(cluster)';

interface Row {
  readonly place: string;
  readonly mark: '✔' | '…' | '✘';
  readonly count: string;
  readonly rest: string;
}

function rowOf(replica: ProgressOptions['replica'], place: string, members: readonly Manifest[]): Row {
  const measured = members.map(({ object }) => ({ name: `${object.kind.toLowerCase()}/${object.metadata.name}`, ...readinessOf(replica.state, object) }));
  const failed = measured.filter(({ failure }) => failure);
  const waiting = measured.filter(({ failure, ready, wanted }) => !failure && ready < wanted);
  const open = [...failed.map((one) => `${one.name} ${one.failure}`), ...waiting.map((one) => `${one.name} ${count(one)}`)];
  return {
    place,
    mark: waiting.length > 0 ? '…' : failed.length > 0 ? '✘' : '✔',
    count: count({ ready: measured.length - open.length, wanted: measured.length }),
    rest: `${open.slice(0, 3).join(', ')}${open.length > 3 ? ` and ${open.length - 3} more` : ''}`,
  };
}

const count = ({ ready, wanted }: Readiness) => `${ready}/${wanted}`;

/** One line a place, drawn over the ones before. A line that broke, or a screen that scrolled, would leave lines behind: none may. */
function onTerminal(out: NodeJS.WriteStream): (rows: readonly Row[]) => void {
  let drawn = 0;
  return (rows) => {
    const room = Math.max(out.rows - 2, 1);
    const lines = rows.length <= room ? texts(rows) : shortened(rows, room);
    const fitting = lines.map((line) => (line.length < out.columns ? line : `${line.slice(0, out.columns - 2)}…`));
    out.write(`${drawn > 0 ? `\x1b[${drawn}A\x1b[J` : ''}${fitting.map((line) => `${line}\n`).join('')}`);
    drawn = fitting.length;
  };
}

/** Where not all places have room: those that are waited for, and how many there are besides. */
function shortened(rows: readonly Row[], room: number): string[] {
  const open = rows.filter(({ mark }) => mark !== '✔');
  const ready = rows.length - open.length;
  const shown = texts(open).slice(0, room - 2);
  return [...(ready > 0 ? [`✔ ${ready} ready`] : []), ...shown, ...(shown.length < open.length ? [`… ${open.length - shown.length} more`] : [])];
}

/** A line once a place is done. */
function inLines(out: Writable): (rows: readonly Row[]) => void {
  const reported = new Set<string>();
  return (rows) => {
    const lines = texts(rows);
    rows.forEach(({ place, mark }, i) => {
      if (mark === '…' || reported.has(place)) return;
      reported.add(place);
      out.write(`${lines[i]}\n`);
    });
  };
}

function texts(rows: readonly Row[]): string[] {
  const places = Math.max(...rows.map(({ place }) => place.length));
  const counts = Math.max(...rows.map((row) => row.count.length));
  return rows.map((row) => `${row.mark} ${row.place.padEnd(places)}  ${row.count.padStart(counts)} ready  ${row.rest}`.trimEnd());
}

const isTerminal = (out: Writable | NodeJS.WriteStream): out is NodeJS.WriteStream => 'isTTY' in out && out.isTTY === true;
