import { createHash } from 'node:crypto';
import { isFields } from '../../kube/fields.ts';
import type { Pod } from '../../schema/generated/kinds.ts';
import { statusesOf } from '../container-status.ts';
import type { ApiCall, NewlyTold, Told } from '../runtime.ts';

/*
 * What a program has changed through the API, it has changed once, however often its pod is looked at: what it was told is kept with the pod, in an annotation
 * (docs/differences.md), for the runs of containers that are now. What only reads is asked again each time.
 */

const ANNOTATION = 'logplane.dev/api-calls';

/** By the runs of containers, `main 0`, then by the calls, in their order. */
type Kept = Record<string, Record<string, Told[]>>;

/** What the program of this call was told, when it was called for the n-th time (from 0) in a run of a container. */
export function toldOf(
  { metadata }: Pod,
  { container, restartCount }: Pick<NewlyTold, 'container' | 'restartCount'>,
  call: Omit<ApiCall, 'at'>,
  n: number,
): Told | undefined {
  return recordOf(metadata)[runOf(container, restartCount)]?.[keyOf(call)]?.[n];
}

/** A pod's annotations when its programs have been told more. Of runs that are over for others to begin nothing is kept. */
export function withTold(pod: Pod, told: readonly NewlyTold[]): Record<string, string> {
  const { metadata } = pod;
  const runs = new Set([...statusesOf(pod).values()].map(({ name, restartCount }) => runOf(name, restartCount)));
  const record: Kept = Object.fromEntries(Object.entries(recordOf(metadata)).filter(([run]) => runs.has(run)));
  for (const { container, restartCount, call, told: each } of told) {
    const run = runOf(container, restartCount);
    const key = keyOf(call);
    record[run] = { ...record[run], [key]: [...(record[run]?.[key] ?? []), shortened(each)] };
  }
  return { ...metadata.annotations, [ANNOTATION]: JSON.stringify(record) };
}

/** Whether no more can be kept: what goes on calling the API for ever is not told any more then, and waits. An object may have annotations of 256 KiB. */
export const isFull = ({ metadata }: Pod): boolean => (metadata.annotations?.[ANNOTATION]?.length ?? 0) > MOST_KEPT;
const MOST_KEPT = 64 * 1024;

/** The answer is kept for as long as the pod's metadata, which never changes, lives. */
function recordOf(metadata: Pod['metadata']): Kept {
  let record = known.get(metadata);
  if (!record) {
    record = parsed(metadata.annotations?.[ANNOTATION]);
    known.set(metadata, record);
  }
  return record;
}

const known = new WeakMap<Pod['metadata'], Kept>();

/** Who may write annotations may write anything. */
function parsed(text = '{}'): Kept {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return {};
  }
  const listsOf = (calls: unknown) =>
    Object.fromEntries(Object.entries(isFields(calls) ? calls : {}).filter(([, list]) => Array.isArray(list) && list.every(isTold)));
  return Object.fromEntries(Object.entries(isFields(value) ? value : {}).map(([run, calls]) => [run, listsOf(calls)])) as Kept;
}

function isTold(value: unknown): value is Told {
  if (!isFields(value)) return false;
  const { exitCode, at, output, error } = value;
  const isText = (text: unknown) => text === undefined || typeof text === 'string';
  return Number.isInteger(exitCode) && Number.isFinite(at) && isText(output) && isText(error);
}

const runOf = (container: string, restartCount: number): string => `${container} ${restartCount}`;

const keyOf = ({ program, args, input }: Omit<ApiCall, 'at'>): string =>
  createHash('sha256')
    .update(JSON.stringify([program, args, input]))
    .digest('hex')
    .slice(0, 12);

/** Of what is longer it is not known any more what it was. */
const LONGEST = 1024;

const shortened = ({ exitCode, at, output, error }: Told): Told => ({
  exitCode,
  at,
  ...(output !== undefined && output.length <= LONGEST && { output }),
  ...(error && { error: error.slice(-LONGEST) }),
});
