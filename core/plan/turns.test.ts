import { describe, expect, it } from 'vitest';
import { Turns } from './turns.ts';

describe('turns', () => {
  it('come one after the other, also behind one that fails', async () => {
    const turns = new Turns();
    const order: string[] = [];
    const first = Promise.withResolvers<void>();
    const one = turns.take(async () => {
      await first.promise;
      order.push('one');
      throw new Error('one failed');
    });
    const two = turns.take(async () => order.push('two'));
    first.resolve();
    await expect(one).rejects.toThrow('one failed');
    await two;
    expect(order).toEqual(['one', 'two']);
  });

  it('are refused where too many wait, until one of them has had its turn', async () => {
    const turns = new Turns();
    const first = Promise.withResolvers<void>();
    const waiting = Array.from({ length: 20 }, () => turns.take(() => first.promise));
    await expect(turns.take(async () => undefined)).rejects.toMatchObject({ code: 429, status: { details: { retryAfterSeconds: 5 } } });
    first.resolve();
    await Promise.all(waiting);
    await expect(turns.take(async () => 'served')).resolves.toBe('served');
  });
});
