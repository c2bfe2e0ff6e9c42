import { cut } from './bounded-text.ts';

/** How long the path of a field may be, in characters: the key of a map, which is the client's, may be megabytes, and stand in the path of all that is in it. */
const LONGEST = 1024;

/** A field as errors name it: `spec.containers[0].image`. */
export function fieldPath(steps: readonly (string | number)[]): string {
  let path = '';
  for (const step of steps) {
    path += typeof step === 'number' ? `[${step}]` : `${path && '.'}${cut(step, LONGEST)}`;
    if (path.length > LONGEST) return cut(path, LONGEST);
  }
  return path;
}
