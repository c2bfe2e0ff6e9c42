/** Each in its turn, a few side by side; what came of them in no order. */
export async function sideBySide<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const left = all[Symbol.iterator]();
  const done: R[] = [];
  await Promise.all(
    Array.from({ length: LANES }, async () => {
      for (const one of left) done.push(await work(one));
    }),
  );
  return done;
}

const LANES = 16;
