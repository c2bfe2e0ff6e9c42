import type { ControlPlaneKeys } from '../auth/control-plane-keys.ts';
import { controllersReconciler, controllersWith } from '../controllers/registry.ts';
import { nodesReconciler } from '../nodes/nodes.ts';
import { simulatedRuntime } from '../nodes/runtimes/simulated.ts';
import type { Reconciler } from '../reconcile/reconciler.ts';
import type { SchedulerProfiles } from '../scheduler/profiles.ts';
import { schedulerReconciler } from '../scheduler/scheduler.ts';

interface Settings {
  readonly profiles?: SchedulerProfiles | undefined;
  /** Signs; without it no certificates and tokens are signed. */
  readonly keysOf?: (cluster: string) => ControlPlaneKeys;
  /** How long an Event stays after its last write; 0: for ever. Default: an hour. */
  readonly eventTtlMs?: number | undefined;
}

/** What works in the clusters of a host, made anew: reconcilers remember what they have seen. */
export const clusterReconcilers = ({ profiles, keysOf, eventTtlMs }: Settings = {}): readonly Reconciler[] => [
  schedulerReconciler(profiles && { profiles }),
  controllersReconciler(eventTtlMs === undefined ? undefined : controllersWith({ eventTtlMs }), keysOf),
  nodesReconciler({ runtime: simulatedRuntime }),
];
