import type { Branch } from '../../core/log/branches.ts';
import { decodeEntry } from '../../core/log/codec.ts';
import { type Item, isEntryPartition } from '../../core/log/dynamodb/keys.ts';
import type { LogEvent, Offset } from '../../core/log/event.ts';
import { type LogEntry, lastOffset } from '../../core/log/log.ts';

/**
 * Every entry that was ever put into a table with branches, and what that makes of a branch: its ConfigMaps in `default`, folded from entries alone by a few lines, without a snapshot and without the
 * code that reads branches.
 */
export class BranchJournal {
  /** What is wrong with the entries themselves. */
  readonly findings: string[] = [];
  readonly #entries = new Map<string, LogEntry[]>();
  /** Forks as they were begun, by their logs: the base of one may have been cut since. */
  readonly #begunAs = new Map<string, Branch>();

  readonly #begins = new Map<string, Offset>();

  /** To be told of each record that is put, in order. */
  record(item: Item): void {
    const log = item['cluster']!.S!;
    const base = JSON.parse(item['base']?.S ?? '[]') as Branch['base'];
    if (base.length > 0) this.#begunAs.set(item['log']!.S!, { cluster: item['name']!.S!, log: item['log']!.S!, base });
    if (item['begin']) this.#begins.set(log.split('#')[0]!, Math.max(Number(item['begin'].N), this.beginOf(log.split('#')[0]!)));
    if (!isEntryPartition(log)) return;
    const entry = decodeEntry(item['payload']!.B!);
    const entries = this.#entries.get(log) ?? [];
    this.#entries.set(log, entries);
    const last = entries.at(-1);
    if (last && entry.offset !== lastOffset(last) + 1) this.findings.push(`${log}: an entry was put at ${entry.offset}, behind ${lastOffset(last)}`);
    if (last?.events.some(({ key }) => key.startsWith('clusterends/'))) this.findings.push(`${log}: entries follow its end`);
    entries.push(entry);
  }

  /** The names of all logs that have entries of their own. */
  get logs(): string[] {
    return [...this.#entries.keys()];
  }

  /** The snapshot at which a log begins, of which retention has cut what is before; 0: all is there. */
  beginOf(log: string): Offset {
    return this.#begins.get(log) ?? 0;
  }

  entriesOf(log: string): readonly LogEntry[] {
    return this.#entries.get(log) ?? [];
  }

  /** A branch as it was begun. */
  begun(branch: Branch): Branch {
    return this.#begunAs.get(branch.log) ?? branch;
  }

  /** The base of a branch with that of the log which it begins with, which may have been cut before it was forked. */
  #wholeBase({ base }: Branch): Branch['base'] {
    const first = base[0] && this.#begunAs.get(base[0].log);
    return first ? [...this.#wholeBase(first), ...base] : base;
  }

  /** The events of a branch up to an offset, those that it shares first. */
  *eventsOf(branch: Branch, upTo: Offset): Generator<{ readonly offset: Offset; readonly event: LogEvent }> {
    let from = 0;
    for (const segment of [...this.#wholeBase(this.begun(branch)), { log: branch.log, upTo }]) {
      const to = Math.min(segment.upTo, upTo);
      for (const entry of this.entriesOf(segment.log))
        for (const [i, event] of entry.events.entries()) if (entry.offset + i > from && entry.offset + i <= to) yield { offset: entry.offset + i, event };
      from = Math.max(from, to);
    }
  }

  /** The ConfigMaps of a branch right after an offset, by name: their `n`, and where they were written last. */
  at(branch: Branch, upTo: Offset): Map<string, Folded> {
    let objects = new Map<string, Folded>();
    for (const { offset, event } of this.eventsOf(branch, upTo)) {
      if (event.key === 'clusterresets//cluster' && 'object' in event) objects = this.at(branch, (event.object as unknown as Reset).spec.resets.at(-1)!.to);
      if (!event.key.startsWith('configmaps/default/')) continue;
      const name = event.key.split('/')[2]!;
      if (event.type === 'DELETED') objects.delete(name);
      else {
        const whole = 'object' in event;
        const before = objects.get(name);
        const { data, metadata } = (whole ? event.object : event.patch) as { data?: { n?: string }; metadata?: { uid?: string } };
        objects.set(name, { n: data?.n ?? (whole ? undefined : before?.n), uid: metadata?.uid ?? before?.uid, offset });
      }
    }
    return objects;
  }

  /** The same as `written` (core/testing/written-log.ts) says it of a state. */
  textAt(branch: Branch, offset: Offset): string {
    return [...this.at(branch, offset)]
      .sort(([a], [b]) => Number(a > b) - Number(a < b))
      .map(([name, { n, offset }]) => `${name}=${n}@${offset}`)
      .join(' ');
  }
}

interface Folded {
  readonly n: string | undefined;
  readonly uid: string | undefined;
  readonly offset: Offset;
}

type Reset = { readonly spec: { readonly resets: readonly { readonly to: Offset }[] } };
