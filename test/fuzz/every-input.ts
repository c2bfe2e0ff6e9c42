import type { Input } from './input.ts';
import { bodies } from './inputs/bodies.ts';
import { calls } from './inputs/calls.ts';
import { objects } from './inputs/objects.ts';
import { queries } from './inputs/queries.ts';

/** Every kind of input that is timed at its worst. */
export const inputs: readonly Input[] = [...queries, ...bodies, ...objects, ...calls];
