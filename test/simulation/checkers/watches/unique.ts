import type { Frame } from '../../history.ts';
import { describe, isEvent, watchChecker } from './observed.ts';

/** etcd's Unique: no event twice, also not by a watch and the one that goes on from there. */
export const unique = watchChecker('unique', function* ({ watched, before }) {
  const told = new Set(before.filter(isEvent).map(idOf));
  for (const frame of watched.frames.filter(isEvent)) {
    if (told.has(idOf(frame))) yield `got ${describe(frame)} again`;
    told.add(idOf(frame));
  }
});

const idOf = ({ object: { metadata } }: Frame): string => `${metadata.resourceVersion} ${metadata.namespace}/${metadata.name}`;
