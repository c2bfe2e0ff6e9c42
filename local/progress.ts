import type { Writable } from 'node:stream';
import type { Replica } from '../core/replica.ts';
import type { Manifest } from './manifests.ts';
import { readinessOf } from './readiness.ts';

/**
 * Waits until everything in `manifests` is ready, and shows how far it is: on a terminal one line a namespace, kept up to date; elsewhere
 * a line whenever a namespace gets done. Resolves true when all is ready, false when `signal` aborts before.
 */
export async function showProgress({ replica, manifests, out, signal }: ProgressOptions): Promise<boolean> {
  const live = 'isTTY' in out && out.isTTY === true;
  const groups = byNamespace(manifests);
  const done = new Set<string>();
  let drawn = 0;
  const draw = () => {
    const rows = [...groups].map(([namespace, members]) => measure(replica, namespace, members));
    if (live) {
      out.write(`${drawn > 0 ? `\x1b[${drawn}A` : ''}${rows.map((row) => `\x1b[2K${row.text}\n`).join('')}`);
      drawn = rows.length;
    } else {
      for (const row of rows) if (row.complete && !done.has(row.namespace)) out.write(`${row.text}\n`);
    }
    for (const row of rows) if (row.complete) done.add(row.namespace);
    return rows.every((row) => row.complete);
  };
  if (draw()) return true;
  for await (const _ of replica.changes({ after: replica.state.offset, signal })) if (draw()) return true;
  return draw();
}

export interface ProgressOptions {
  readonly replica: Replica;
  readonly manifests: readonly Manifest[];
  readonly out: Writable | NodeJS.WriteStream;
  readonly signal: AbortSignal;
}

function byNamespace(manifests: readonly Manifest[]): Map<string, Manifest[]> {
  const groups = new Map<string, Manifest[]>();
  for (const manifest of manifests) {
    const namespace = manifest.object.kind === 'Namespace' ? manifest.object.metadata.name : (manifest.object.metadata.namespace ?? 'default');
    groups.set(namespace, [...(groups.get(namespace) ?? []), manifest]);
  }
  return groups;
}

function measure(replica: Replica, namespace: string, members: readonly Manifest[]) {
  const measured = members.map(({ object }) => ({ object, ...readinessOf(replica.state, object) }));
  const waiting = measured.filter(({ ready, wanted }) => ready < wanted);
  const ready = measured.length - waiting.length;
  const named = waiting.slice(0, 3).map(({ object, ready, wanted }) => `${object.kind.toLowerCase()}/${object.metadata.name} ${ready}/${wanted}`);
  const rest = waiting.length > 3 ? ` and ${waiting.length - 3} more` : '';
  const complete = waiting.length === 0;
  const text = `${complete ? '✔' : '…'} ${namespace.padEnd(20)} ${String(ready).padStart(3)}/${measured.length} ready${complete ? '' : `   ${named.join(', ')}${rest}`}`;
  return { namespace, complete, text };
}
