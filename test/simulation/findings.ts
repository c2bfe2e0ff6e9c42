import type { LogEntry } from '../../core/log/log.ts';
import type { Evidence, Held } from './checkers/checker.ts';
import { checkOffsets } from './checkers/offsets.ts';
import { checkers } from './checkers/registry.ts';
import type { Replay } from './replay.ts';

/** What the evidence of all clusters of a run has in common, and what its instances held of each. */
interface Found extends Omit<Evidence, 'cluster' | 'entries' | 'replay' | 'projections'> {
  readonly held: readonly (Held & { readonly cluster: string })[];
}

/** What the checkers have to say of each cluster. */
export function findingsOf(logs: ReadonlyMap<string, readonly LogEntry[]>, replays: ReadonlyMap<string, Replay>, { held, ...shared }: Found): string[] {
  return [...logs].flatMap(([cluster, entries]) => {
    const replay = replays.get(cluster);
    // Of a log that makes no sense, its offsets may say why.
    if (!replay) return [...checkOffsets(entries)].map((finding) => `${cluster}: offsets: ${finding}`);
    const projections = held.filter((of) => of.cluster === cluster);
    const evidence: Evidence = { ...shared, cluster, entries, replay, projections };
    return checkers.flatMap(({ name, check }) => [...check(evidence)].map((finding) => `${cluster}: ${name}: ${finding}`));
  });
}
