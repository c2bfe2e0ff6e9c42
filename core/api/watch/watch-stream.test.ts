import { expect, it } from 'vitest';
import { SLICE, streamOf } from './watch-stream.ts';

it('takes a piece from its source when the one before has gone out, a slice at a time', async () => {
  let asked = 0;
  async function* source() {
    for (;;) {
      asked++;
      yield new Uint8Array(10 * SLICE + 1);
    }
  }
  const stream = streamOf(source, new AbortController().signal, () => undefined);
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  await turn();
  expect(asked).toBe(0);
  const reader = stream.getReader();
  const lengths: number[] = [];
  for (let i = 0; i < 11; i++) {
    lengths.push((await reader.read()).value!.length);
    await turn();
    expect(asked).toBe(1);
  }
  expect(lengths).toEqual([...Array(10).fill(SLICE), 1]);
  await reader.read();
  expect(asked).toBe(2);
  await reader.cancel();
});
