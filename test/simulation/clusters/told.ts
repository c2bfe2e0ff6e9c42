import type { Cluster } from '../../../core/apis/logplane/cluster.ts';
import type { Offset } from '../../../core/log/event.ts';

/** What clients were told, and has to be true for ever. */
export interface Told {
  readonly clusters: Cluster[];
  /** Writes of ConfigMaps: each has a text of its own. */
  readonly writes: { readonly cluster: string; readonly name: string; readonly n: string; readonly offset: Offset }[];
  /** Forks as they were read at some offset, by their logs: as `written` says it (core/testing/written-log.ts). */
  readonly forks: { readonly log: string; readonly at: Offset; readonly text: string }[];
  /** Restores, by their uids: to which offset. */
  readonly restores: { readonly cluster: string; readonly uid: string; readonly at: Offset }[];
}
