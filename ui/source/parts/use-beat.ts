import { useEffect, useState } from 'preact/hooks';
import { get } from '../api/client.ts';
import { watch } from '../api/watch.ts';
import { heardOf } from '../model/cluster.ts';

interface Beat {
  readonly cluster: string;
  /** Of a list. */
  readonly path: string | undefined;
  readonly fieldSelector?: string;
}

const AT_MOST_MS = 250;
const AGAIN_MS = 2_000;

/** A number that moves when something of a list changes, a few times a second at most. Without a path it stands still. */
export function useBeat({ cluster, path, fieldSelector }: Beat): number {
  const [beat, setBeat] = useState(0);
  useEffect(() => {
    if (path === undefined) return;
    const stop = new AbortController();
    void follow({ cluster, path, ...(fieldSelector !== undefined && { fieldSelector }) }, stop.signal, () => setBeat((count) => count + 1));
    return () => stop.abort();
  }, [cluster, path, fieldSelector]);
  return beat;
}

async function follow({ cluster, path, fieldSelector }: Beat & { readonly path: string }, signal: AbortSignal, moved: () => void): Promise<void> {
  let isDue = false;
  const soon = () => {
    if (isDue) return;
    isDue = true;
    setTimeout(() => {
      isDue = false;
      if (!signal.aborted) moved();
    }, AT_MOST_MS);
  };
  while (!signal.aborted) {
    try {
      const query = { limit: 1, fields: 'metadata.name', fieldSelector };
      const { metadata } = await get<{ metadata: { resourceVersion: string } }>({ cluster }, path, { query, signal });
      soon();
      const after = Number(metadata.resourceVersion);
      const watched = { where: { cluster }, path, fields: 'metadata.name', after, signal, ...(fieldSelector !== undefined && { fieldSelector }) };
      for await (const events of watch<{ metadata: { resourceVersion: string } }>(watched)) {
        if (events.some(({ type }) => type !== 'BOOKMARK')) soon();
        heardOf(cluster, Math.max(...events.map(({ object }) => Number(object.metadata.resourceVersion))));
      }
    } catch {
      // Whoever reads the list tells what is wrong with it.
    }
    if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}
