/** How much of what nobody waits for is asked at the same time: deployed, each request beside others starts a container. */
const LANES = 3;

/** What is read of each, some at a time, in their order. Rejects with the first failure; what is under way then is its caller's to abort. */
export async function inLanes<T, R>(all: readonly T[], read: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const waiting = all.entries();
  // Lanes share the iterator: each takes what comes next.
  const lane = async () => {
    for (const [i, one] of waiting) results[i] = await read(one);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return results;
}
