import path from 'node:path';
import type { Case } from './case.ts';
import { linesOf } from './recordings.ts';

/** A recorded case that is not followed. */
export interface OtherwiseCase extends Case {
  readonly otherwise: {
    /** What Kubernetes answered. */
    readonly recorded: string;
    readonly because: string;
    /** Whether it comes out so depends on how fast controllers are. */
    readonly byChance?: true;
  };
}

export const otherwise = (): OtherwiseCase[] => linesOf<OtherwiseCase>(path.join(import.meta.dirname, 'otherwise.jsonl'));
