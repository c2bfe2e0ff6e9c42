import { deliveries } from './deliveries.ts';
import type { Checker } from './evidence.ts';
import { forks } from './forks.ts';
import { objects } from './objects.ts';
import { restores } from './restores.ts';
import { states } from './states.ts';
import { writes } from './writes.ts';

export const checkers: Readonly<Record<string, Checker>> = { writes, states, forks, restores, deliveries, objects };
