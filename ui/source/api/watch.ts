import { ApiError, call, fromNetwork } from './client.ts';
import type { Status } from './status.ts';
import type { Where } from './where.ts';

export type WatchEvent<T> = { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; readonly object: T };

interface Watched {
  readonly where: Where;
  readonly path: string;
  readonly fields?: string;
  readonly fieldSelector?: string;
  readonly accept?: string;
  /** Changes after this resourceVersion follow. */
  readonly after: number;
  readonly signal: AbortSignal;
  /** Told when the host has taken it: there may be nothing to tell for long. */
  readonly begun?: () => void;
}

/**
 * The events of one watch, some at a time as they come, until it ends; of a cluster that is shown at another time that is when all has been told. Throws an ApiError, 410 where the past is no longer kept; and Unreachable when it breaks.
 */
export async function* watch<T>({ where, path, fields, fieldSelector, accept, after, signal, begun }: Watched): AsyncGenerator<readonly WatchEvent<T>[]> {
  const query = { watch: 1, allowWatchBookmarks: true, resourceVersion: after, fields, fieldSelector };
  const response = await call(where, path, { query, signal, ...(accept !== undefined && { accept }) });
  begun?.();
  let rest = '';
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const next = () => fromNetwork(reader.read(), signal);
  try {
    for (let read = await next(); !read.done; read = await next()) {
      const lines = (rest + read.value).split('\n');
      rest = lines.pop()!;
      const events = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as WatchEvent<T> | { readonly type: 'ERROR'; readonly object: Status });
      const error = events.find((event) => event.type === 'ERROR');
      const told = events.filter((event): event is WatchEvent<T> => event.type !== 'ERROR');
      if (told.length > 0) yield told;
      if (error) throw new ApiError(error.object as Status);
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}
