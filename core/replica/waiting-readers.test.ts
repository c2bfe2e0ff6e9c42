import { describe, expect, it } from 'vitest';
import { clusterInstant } from '../instant.ts';
import { userNamed } from '../kube/user.ts';
import type { Change } from '../state/change.ts';
import { type Scope, WaitingReaders } from './waiting-readers.ts';

const changeOf = (key: string): Change => ({
  offset: 8,
  type: 'MODIFIED',
  key,
  object: { apiVersion: 'v1', kind: 'Any', metadata: { name: 'any' } },
  actor: userNamed('me'),
  time: clusterInstant(0),
});

/** Lets a reader of each scope wait; which of them, by their places, are woken by `act`, and what each was told. */
async function woken(scopes: readonly (Scope | undefined)[], act: (waiting: WaitingReaders) => void): Promise<Record<number, unknown>> {
  const waiting = new WaitingReaders();
  const stop = new AbortController();
  const told: Record<number, unknown> = {};
  for (const [i, scope] of scopes.entries()) {
    void waiting.wait(scope, { signal: stop.signal, now: () => 99 }).then(
      (offset) => {
        told[i] = offset;
      },
      (error) => {
        told[i] = error;
      },
    );
  }
  act(waiting);
  await new Promise((resolve) => setImmediate(resolve));
  const before = { ...told };
  stop.abort();
  return before;
}

const scopes: readonly (Scope | undefined)[] = [
  undefined,
  { resource: 'pods' },
  { resource: 'pods', namespace: 'a' },
  { resource: 'pods', namespace: 'a', name: 'web' },
  { resource: 'pods', namespace: 'b' },
  { resource: 'podtemplates' },
  { resource: 'nodes', namespace: '', name: 'n' },
];

describe('a waiting reader', () => {
  it.each([
    { changed: ['pods/a/web'], want: [0, 1, 2, 3] },
    { changed: ['pods/a/web-0'], want: [0, 1, 2] },
    { changed: ['pods/b/web'], want: [0, 1, 4] },
    { changed: ['pods.metrics.k8s.io/a/web'], want: [0] },
    { changed: ['nodes//n'], want: [0, 6] },
    { changed: ['podtemplates/a/web', 'pods/b/x', 'pods/b/y'], want: [0, 1, 4, 5] },
    { changed: [], want: [] },
  ])('is woken by what it waits for alone: $changed', async ({ changed, want }) => {
    const told = await woken(scopes, (waiting) => waiting.wake(changed.map(changeOf), 7));
    expect(told).toEqual(Object.fromEntries(want.map((i) => [i, 7])));
  });

  it('learns of a log that begins anew, and of one that cannot be read, whatever it waits for', async () => {
    expect(await woken(scopes, (waiting) => waiting.wakeAll(7))).toEqual(Object.fromEntries(scopes.map((_, i) => [i, 7])));
    const error = new Error('unreadable');
    expect(await woken(scopes, (waiting) => waiting.failAll(error))).toEqual(Object.fromEntries(scopes.map((_, i) => [i, error])));
  });

  it('is let go by its signal, with the newest offset, and woken no more', async () => {
    const waiting = new WaitingReaders();
    const stop = new AbortController();
    let offset = 3;
    const waited = waiting.wait({ resource: 'pods' }, { signal: stop.signal, now: () => offset });
    waiting.wake([changeOf('nodes//n')], 3);
    offset = 4;
    stop.abort();
    waiting.wake([changeOf('pods/a/web')], 4);
    expect(await waited).toBe(4);
    expect(await waiting.wait(undefined, { signal: stop.signal, now: () => 5 })).toBe(5);
  });
});
