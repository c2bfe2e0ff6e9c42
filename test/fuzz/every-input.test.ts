import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestServer } from '../../core/testing/server.ts';
import { inputs } from './every-input.ts';
import { fuzzServer, LONGEST_ANSWER, prepare } from './growth.ts';

/**
 * Every kind of input once, at its largest: it is answered, as it is to be, and briefly. What that costs, `npm run fuzz` measures; here what is turned into JSON on
 * the way is counted, which is what an error that quotes too much does.
 */
describe('input at its largest', () => {
  let server: TestServer;
  let written = 0;
  const { stringify } = JSON;

  beforeAll(async () => {
    server = await fuzzServer();
    // A spy would keep all that it sees.
    JSON.stringify = ((value: unknown, replacer?: null, space?: number) => {
      const text = stringify(value, replacer, space);
      written += text?.length ?? 0;
      return text;
    }) as typeof stringify;
  });
  afterAll(() => {
    JSON.stringify = stringify;
    expect(server.problems).toEqual([]);
  });

  const requests = inputs.filter((input) => 'request' in input);
  it.each(requests.map((input): [string, typeof input] => [input.name, input]))('%s', async (_name, input) => {
    const { size, short = size } = input;
    const { options } = input.request(short);
    const sent = typeof options?.body === 'string' ? options.body.length : (stringify(options?.body ?? '').length ?? 0);
    const run = await prepare(input, short, server);
    written = 0;
    const { code, length, headers } = await run();
    expect({ code, tooLong: code! >= 400 && length! > LONGEST_ANSWER, headersTooLong: headers! > 8192 }).toEqual({
      code: input.code,
      tooLong: false,
      headersTooLong: false,
    });
    // The object is measured once and answered once; what is defaulted is more than what was sent.
    expect(written).toBeLessThan(LONGEST_ANSWER + 20 * Math.max(sent, 20_000));
  });

  it.each(inputs.filter((input) => 'prepare' in input).map((input): [string, typeof input] => [input.name, input]))('%s', async (_name, input) => {
    const call = await input.prepare(input.short ?? input.size);
    await call();
  });

  it('is of every kind once', () => expect(new Set(inputs.map(({ name }) => name)).size).toBe(inputs.length));
});
