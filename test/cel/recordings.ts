import { readdirSync, readFileSync } from 'node:fs';

/** What Kubernetes answered to an expression (scripts/cel-goldens). */
export interface Recording {
  readonly expression: string;
  readonly compileError?: string;
  readonly programError?: string;
  readonly type?: string;
  readonly value?: unknown;
  readonly error?: string;
  readonly cost?: string;
  readonly estimate?: readonly [least: string, most: string];
}

/** What the expressions below it were evaluated in. */
export interface RecordedEnvironment {
  readonly kind?: 'rule' | 'admission' | 'mutation';
  readonly costLimit?: number;
  readonly variables?: Readonly<Record<string, { readonly type: string; readonly value: unknown }>>;
  readonly schema?: unknown;
  readonly root?: boolean;
  readonly optionalOldSelf?: boolean;
  readonly self?: unknown;
  readonly oldSelf?: unknown;
  readonly object?: unknown;
  readonly oldObject?: unknown;
  readonly params?: unknown;
  readonly request?: unknown;
  readonly namespaceObject?: unknown;
}

const folder = new URL('recorded/', import.meta.url);

export const subjects: readonly string[] = readdirSync(folder)
  .filter((name) => name.endsWith('.jsonl'))
  .map((name) => name.slice(0, -'.jsonl'.length));

export function* recordingsOf(subject: string): Generator<{ environment: RecordedEnvironment; recording: Recording }> {
  let environment: RecordedEnvironment = {};
  for (const line of readFileSync(new URL(`${subject}.jsonl`, folder), 'utf8').split('\n')) {
    if (!line) continue;
    const entry = JSON.parse(line, exactIntegers) as Recording | { environment: RecordedEnvironment };
    if ('environment' in entry) environment = entry.environment;
    else yield { environment, recording: entry };
  }
}

/** Integers that JavaScript's numbers cannot hold. */
function exactIntegers(_: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  return typeof value === 'number' && source !== undefined && /^-?\d+$/.test(source) && !Number.isSafeInteger(value) ? BigInt(source) : value;
}
