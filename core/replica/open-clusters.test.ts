import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { OpenClusters } from './open-clusters.ts';

interface Made {
  readonly name: string;
  bytes: number;
}

/** A process's clusters of 10 bytes each, which notes what it had to open. */
function setUp({ open = async (name: string) => made(name), budget = 1_000 }: { open?: (name: string) => Promise<Made | undefined>; budget?: number } = {}) {
  const opened: string[] = [];
  const likes: (string | undefined)[] = [];
  const clusters = new OpenClusters<Made>(
    (name, like) => {
      opened.push(name);
      likes.push(like?.name);
      return open(name);
    },
    { budgetBytes: budget },
  );
  return { clusters, opened, likes };
}

const made = (name: string, bytes = 10): Made => ({ name, bytes });

it('opens a cluster once, also for callers that ask at the same time', async () => {
  const { clusters, opened } = setUp();
  const [a, b] = await Promise.all([clusters.get('a'), clusters.get('a')]);
  expect(a).toBe(b);
  expect(await clusters.get('a')).toBe(a);
  expect(opened).toEqual(['a']);
});

it('opens it again after a failure, and where there was none', async () => {
  const outcomes = [Promise.reject(new Error('no')), Promise.resolve(undefined), Promise.resolve(made('a'))];
  const { clusters, opened } = setUp({ open: () => outcomes.shift()! });
  await expect(clusters.get('a')).rejects.toThrow('no');
  expect(await clusters.get('a')).toBeUndefined();
  expect((await clusters.get('a'))?.name).toBe('a');
  expect(opened).toHaveLength(3);
});

it('lets those go that were used least recently, when all take more bytes than they may, however many they are', async () => {
  const { clusters } = setUp({ budget: 100 });
  for (let i = 0; i < 10; i++) await clusters.get(`c${i}`);
  expect(clusters.names).toHaveLength(10);
  await clusters.get('c0');
  await clusters.get('c10');
  expect(clusters.names).not.toContain('c1');
  expect(clusters.names).toHaveLength(10);
  const { clusters: few } = setUp({ open: async (name) => made(name, 40), budget: 100 });
  for (const name of ['a', 'b', 'c', 'a', 'd']) await few.get(name);
  expect(few.names).toEqual(['a', 'd']);
});

it('weighs one anew when it is used: what has grown may cost the others their place, never its own', async () => {
  const { clusters } = setUp({ budget: 100 });
  const large = (await clusters.get('large'))!;
  for (const name of ['a', 'b']) await clusters.get(name);
  large.bytes = 1_000;
  expect(await clusters.get('large')).toBe(large);
  expect(clusters.names).toEqual(['large']);
});

it('gives the same one again that was let go, as long as a caller holds it', async () => {
  const { clusters, opened } = setUp({ budget: 15 });
  const a = await clusters.get('a');
  await clusters.get('b');
  expect(clusters.names).toEqual(['b']);
  expect(await clusters.get('a')).toBe(a);
  expect(opened).toEqual(['a', 'b']);
});

it('keeps nothing of one that was let go and that no caller holds', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const { clusters, opened } = setUp({ budget: 15 });
  await clusters.get('a');
  await clusters.get('b');
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  await clusters.get('a');
  expect(opened).toEqual(['a', 'b', 'a']);
});

it('opens another when told to forget, and a late failure of the old one does not matter', async () => {
  const { promise, reject } = Promise.withResolvers<Made>();
  const outcomes = [promise, Promise.resolve(made('new'))];
  const { clusters, opened } = setUp({ open: () => outcomes.shift()! });
  const old = clusters.get('a').catch((error: Error) => error.message);
  clusters.forget('a');
  expect((await clusters.get('a'))?.name).toBe('new');
  reject(new Error('late'));
  expect(await old).toBe('late');
  expect((await clusters.get('a'))?.name).toBe('new');
  expect(opened).toHaveLength(2);
});

it('says which other cluster is open, to share with', async () => {
  const { clusters, likes } = setUp();
  for (const name of ['a', 'b', 'a', 'c']) await clusters.get(name);
  expect(likes).toEqual([undefined, 'a', 'a']);
});
