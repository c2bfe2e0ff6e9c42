import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { SLICE, streamOf } from '../core/api/watch/watch-stream.ts';
import { answer } from './gateway.ts';

it('takes of a watch only what its client takes', async () => {
  Object.assign(globalThis, { awslambda: { HttpResponseStream: { from: (stream: Writable) => stream } } });
  let asked = 0;
  async function* source() {
    for (;;) {
      asked++;
      yield new Uint8Array(SLICE);
    }
  }
  // The first slice is taken, and no more.
  const taken: Uint8Array[] = [];
  const stalled = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      taken.push(chunk);
      if (chunk.length === 0) done();
    },
  });
  const answered = answer(new Response(streamOf(source, new AbortController().signal, () => undefined)), stalled as awslambda.HttpResponseStream);
  while (taken.at(-1)?.length !== SLICE) await new Promise((resolve) => setImmediate(resolve));
  for (let i = 0; i < 100; i++) await new Promise((resolve) => setImmediate(resolve));
  // One on its way, and what the streams on both sides of it hold.
  expect(asked).toBeLessThanOrEqual(5);
  stalled.destroy();
  await answered;
});
