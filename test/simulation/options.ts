import type { Targets } from '../../core/subscriptions/target.ts';
import type { Budget } from './checkers/checker.ts';
import type { ClusterClocks } from './cluster-clocks.ts';
import type { DeploymentOptions } from './deployment.ts';
import type { Fault } from './faults.ts';
import type { HousekeepingOptions } from './housekeeping.ts';
import type { Operation } from './operations/registry.ts';
import type { Table } from './table.ts';

/** What a run is to be like, where the seed does not decide. */
export interface SimulationOptions {
  /** How long clients work while things go wrong, in minutes of virtual time. */
  readonly minutes?: number;
  /** Instead of the rates that the seed draws. */
  readonly rates?: Partial<Record<Fault, number>>;
  /** How many clusters there are, instead of what the seed draws. */
  readonly clusters?: number;
  /** How many pods a node takes, instead of what the seed draws. */
  readonly podsPerNode?: number;
  /** Whether a new release writes what the one before it cannot read, while that still runs. */
  readonly careless?: boolean;
  /** Whether each cluster has a client that takes its time to read, instead of what the seed draws. */
  readonly slowReaders?: boolean;
  /** Whether each cluster has clients that work under a quota, instead of what the seed draws. */
  readonly bounded?: boolean;
  /** Whether clients write what policies forbid by turns, and these policies, instead of what the seed draws. */
  readonly painting?: boolean;
  /** Whether each cluster has users who may do what roles permit, and these change, instead of what the seed draws. */
  readonly limited?: boolean;
  /** Whether clients write what mutating admission changes, and what that sets, instead of what the seed draws. */
  readonly stamping?: boolean;
  /** What one client of each cluster does instead of the ordinary; undefined: nothing else. Without this option the seed draws it. */
  readonly operation?: Operation | undefined;
  /** Whether instances write again after a long time, instead of what the seed draws. */
  readonly latecomers?: boolean;
  /** How the clocks of the clusters are set, instead of what the seed draws. */
  readonly clocks?: ClusterClocks;
  /** What may be kept, instead of what is allowed to production. */
  readonly budget?: Partial<Budget>;
  /** Parts to replace: where a test puts a defect. */
  readonly parts?: Partial<
    Pick<DeploymentOptions, 'reconcilers' | 'admissionPlugins' | 'delayUntil' | 'wrapLog' | 'wrapFetch' | 'historyLimit' | 'Queue' | 'Relay'>
  > & {
    readonly Table?: typeof Table;
    /** Laid around what subscribers are told by. */
    readonly targets?: (targets: Targets) => Targets;
    readonly housekeeping?: (table: Table) => Omit<HousekeepingOptions, 'world' | 'table'>;
  };
}
