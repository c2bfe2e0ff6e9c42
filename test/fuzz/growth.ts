import { ServiceAccountTokens } from '../../core/auth/service-account-tokens.ts';
import { configMap, namespace, pod } from '../../core/testing/objects.ts';
import { type Answer, type TestServer, testServer } from '../../core/testing/server.ts';
import { definition } from './definition.ts';
import { fields, type Input } from './input.ts';

/** What an input costs at sizes that double. */
export interface Growth {
  /** Computing time of the process for each size, the shortest of several. */
  readonly ms: readonly number[];
  /** How the time grows over all sizes: 1 in proportion, 2 with the square. Undefined where all of it is too short to tell. */
  readonly exponent: number | undefined;
  readonly answer: string;
  readonly problem?: string;
}

const PARTS = [8, 4, 2, 1];
/** Less than this is noise, and harmless. */
const SHORT_MS = 40;
/** Sorting and the collector of garbage are allowed for; a square is not. */
const MOST = 1.6;
/** An answer to whatever was sent can be read. */
export const LONGEST_ANSWER = 512 * 1024;

export async function grow(input: Input, repeat: number): Promise<Growth> {
  const server = await fuzzServer();
  const ms: number[] = [];
  let last: AnswerSize | undefined;
  for (const part of PARTS) {
    let shortest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < repeat; i++) {
      // Made anew: a call may leave its mark on what it is given.
      const run = await prepare(input, Math.floor(input.size / part), server);
      const before = process.cpuUsage();
      last = await run();
      const { user, system } = process.cpuUsage(before);
      shortest = Math.min(shortest, (user + system) / 1000);
    }
    ms.push(shortest);
  }
  const exponent = ms.at(-1)! < SHORT_MS ? undefined : Math.log2(ms.at(-1)! / Math.max(ms[0]!, 1)) / Math.log2(PARTS[0]!);
  const problem = problemOf(input, last!) ?? (exponent !== undefined && exponent > MOST ? 'it grows faster than its size' : undefined);
  return { ms, exponent, answer: last!.text, ...(problem && { problem }) };
}

export interface AnswerSize {
  readonly code?: number;
  readonly length?: number;
  readonly headers?: number;
  readonly text: string;
}

/** Something to patch and to select. */
export const fuzzServer = (): Promise<TestServer> =>
  testServer({
    objects: [
      namespace('default'),
      configMap('a', { data: { x: '1' } }),
      configMap('labelled', { labels: { a: 'b' } }),
      configMap('many', { data: fields(3000, () => 'v') }),
      pod('p', { nodeName: 'n' }),
      definition,
    ],
    serviceAccountTokens: new ServiceAccountTokens({ key: new Uint8Array(32) }),
  });

/** The input of a size, made before it is timed. */
export async function prepare(input: Input, size: number, server: TestServer): Promise<() => Promise<AnswerSize>> {
  if ('prepare' in input) {
    const call = await input.prepare(size);
    return async () => {
      await call();
      return { text: 'done' };
    };
  }
  const { line, options = {} } = input.request(size);
  const { body } = options;
  const raw = body === undefined || typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
  return async () => sizeOf(await server.request(line, { ...options, ...(raw !== undefined && { body: raw }) }));
}

function sizeOf({ code, text, headers }: Answer): AnswerSize {
  const sizes = [...headers].reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  return { code, length: text.length, headers: sizes, text: `${code}, ${text.length} bytes` };
}

/** What is wrong with an outcome whatever it took: the server failed, or answered more than any client reads. */
export function problemOf(input: Input, { code, length = 0, headers = 0 }: AnswerSize): string | undefined {
  if ('prepare' in input) return undefined;
  if (code !== input.code) return `answered ${code} and not ${input.code}`;
  if (code >= 400 && length > LONGEST_ANSWER) return `the answer has ${length} characters`;
  return headers > 8192 ? `the headers have ${headers} characters` : undefined;
}
