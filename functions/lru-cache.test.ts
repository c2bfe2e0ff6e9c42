import { expect, it } from 'vitest';
import { LruCache } from './lru-cache.ts';

/** A cache that notes what it had to make; `make` as given. */
function setUp(make: (name: string) => Promise<string | undefined>, limit?: number) {
  const made: string[] = [];
  const recent = new LruCache(
    (name) => {
      made.push(name);
      return make(name);
    },
    limit === undefined ? {} : { limit },
  );
  return { recent, made };
}

it('makes one for a name, also for those who ask at the same time', async () => {
  const { recent, made } = setUp(async (name) => `the ${name}`);
  expect(await Promise.all([recent.get('a'), recent.get('a')])).toEqual(['the a', 'the a']);
  await recent.get('a');
  expect(made).toEqual(['a']);
});

it('makes another after a failure, and where there was nothing', async () => {
  const outcomes = [Promise.reject(new Error('no')), Promise.resolve(undefined), Promise.resolve('there')];
  const { recent, made } = setUp(() => outcomes.shift()!);
  await expect(recent.get('a')).rejects.toThrow('no');
  expect(await recent.get('a')).toBeUndefined();
  expect(await recent.get('a')).toBe('there');
  expect(made).toHaveLength(3);
});

it('drops what was not used for longest', async () => {
  const { recent, made } = setUp(async (name) => name, 2);
  for (const name of ['a', 'b', 'a', 'c', 'a', 'b']) await recent.get(name);
  expect(made).toEqual(['a', 'b', 'c', 'b']);
});

it('makes another when told to forget, and a late failure of the old one does not matter', async () => {
  let fail: (error: Error) => void = () => undefined;
  const outcomes = [new Promise<string>((_, reject) => (fail = reject)), Promise.resolve('new')];
  const { recent, made } = setUp(() => outcomes.shift()!);
  const old = recent.get('a').catch((error: Error) => error.message);
  recent.forget('a');
  expect(await recent.get('a')).toBe('new');
  fail(new Error('late'));
  expect(await old).toBe('late');
  expect(await recent.get('a')).toBe('new');
  expect(made).toHaveLength(2);
});
