import { readFileSync } from 'node:fs';

/** What bench/compare/measured.json has: what compare.ts measured last, and where. */
export interface Compared {
  readonly commit: string;
  readonly date: string;
  readonly machine: string;
  /** What else is to be said of it. */
  readonly note?: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly runs: readonly { readonly logplane: Figures; readonly kubernetes: Figures }[];
}

type Figures = Readonly<Record<string, number>>;

export const compared = (): Compared => JSON.parse(readFileSync(new URL('measured.json', import.meta.url), 'utf8'));
