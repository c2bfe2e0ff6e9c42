import { describe, expect, it } from 'vitest';
import { Stages } from './stage.ts';

interface Received {
  readonly order: string[];
}

const text = (response: Response) => response.text();

describe('stages', () => {
  it('take what the ones before them found', async () => {
    const serve = Stages.of<Received>()
      .stage(() => ({ a: 1 }))
      .stage(async ({ a }) => ({ b: a + 1 }))
      .stage(() => undefined)
      .answer(({ a, b }) => new Response(`${a} ${b}`));
    expect(await serve({ order: [] }).then(text)).toBe('1 2');
  });

  it('are passed over once one has answered', async () => {
    const serve = Stages.of<Received>()
      .stage(({ order }) => (order.length > 0 ? new Response('early') : { found: 'late' }))
      .answer(({ found }) => new Response(found));
    expect(await serve({ order: ['x'] }).then(text)).toBe('early');
    expect(await serve({ order: [] }).then(text)).toBe('late');
  });

  it('have a before and an after around those that come behind them, and see there what these found', async () => {
    const received: Received & { found?: string } = { order: [] };
    const around = (name: string) => async (call: Received & { found?: string }, next: () => Promise<Response>) => {
      call.order.push(`before ${name}: ${call.found}`);
      try {
        return await next();
      } finally {
        call.order.push(`after ${name}: ${call.found}`);
      }
    };
    const serve = Stages.of<Received>()
      .around(around('outer'))
      .stage(() => ({ found: 'it' }))
      .around(around('inner'))
      .answer(() => {
        throw new Error('refused');
      });
    await expect(serve(received)).rejects.toThrow('refused');
    expect(received.order).toEqual(['before outer: undefined', 'before inner: it', 'after inner: it', 'after outer: it']);
  });

  it('have nothing around them where that has nothing to do', async () => {
    const around = (call: { readonly order: string[] }, next: () => Promise<Response>) => {
      call.order.push('asked');
      return call.order.length > 1 ? next() : undefined;
    };
    const serve = Stages.of<Received>()
      .around(around)
      .stage(() => ({ found: 'it' }))
      .around(around)
      .answer(({ found, order }) => new Response(`${found} ${order}`));
    expect(await serve({ order: [] }).then(text)).toBe('it asked,asked');
  });

  it('are put in an order in which something is missing by no program that compiles', () => {
    const needs = ({ a }: Received & { a: number }) => ({ b: a });
    // @ts-expect-error Nothing has found `a` yet.
    Stages.of<Received>().stage(needs);
    const optional = Stages.of<Received & { a?: number }>();
    // @ts-expect-error An optional field is no found one.
    optional.stage(needs);
    // @ts-expect-error A stage that may find nothing is not the last.
    Stages.of<Received>().answer(() => undefined);
    const served = Stages.of<Received>()
      .stage(() => ({ a: 1 }))
      .stage(needs)
      .answer(({ b }) => new Response(String(b)));
    expect(served).toBeTypeOf('function');
  });
});
