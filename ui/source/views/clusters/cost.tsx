import { bytes } from '../../model/quantity.ts';
import type { ClusterObject } from './cluster-object.ts';

interface CostProps {
  readonly writes: NonNullable<ClusterObject['status']>['writes'];
  /** Of its own: what a fork shares was written by others. */
  readonly changes: number;
}

/** What the cluster's writes have come to: what DynamoDB charges for, on whichever log it runs. */
export function Cost({ writes, changes }: CostProps) {
  if (!writes)
    return (
      <p class="quiet">
        What it has cost so far is not counted on this log. Deployed, the metric ConsumedWriteCapacityUnits of the table has it, of all clusters together.
      </p>
    );
  const { entries, units } = writes;
  return (
    <section aria-label="What it has cost">
      <h3>What it has cost so far</h3>
      <p>
        <b class="large">{units.toLocaleString()}</b> write units{' '}
        <span class="quiet">
          in {entries.toLocaleString()} entries of its log, {bytes(writes.bytes)}
          {changes > 0 && units > 0 && `, ${(units / changes).toFixed(2)} for each change`}. A write unit is up to a kilobyte that is written to DynamoDB;
          snapshots come on top.
        </span>
      </p>
    </section>
  );
}
