import { type ClusterInstant, earlierOf } from '../../instant.ts';
/** The earliest of some times; undefined when none is given. */
export function earliest(...times: readonly (ClusterInstant | undefined)[]): ClusterInstant | undefined {
  const given = times.filter((time) => time !== undefined);
  return given.length > 0 ? given.reduce((first, time) => earlierOf(first, time)) : undefined;
}
