import type { State } from '../state/state.ts';
import { LIGHT } from '../state/unread.ts';

/** Freezes an object and all in it, so that a change in place throws. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
}

/** All objects of a state; telemetry stays unread, as it does elsewhere. */
export function freezeAll(state: State): void {
  for (const resource of state.resources) if (!LIGHT.has(resource)) for (const [, object] of state.entries(resource)) deepFreeze(object);
}
