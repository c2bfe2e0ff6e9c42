import type { ControlPlaneKeys } from '../auth/control-plane-keys.ts';
import { controllersReconciler, controllersWith } from '../controllers/registry.ts';
import { nodesReconciler } from '../nodes/nodes.ts';
import { simulatedRuntime } from '../nodes/runtimes/simulated.ts';
import type { Reconciler } from '../reconcile/reconciler.ts';
import type { SchedulerProfiles } from '../scheduler/profiles.ts';
import { schedulerReconciler } from '../scheduler/scheduler.ts';

interface Settings {
  readonly profiles?: SchedulerProfiles | undefined;
  readonly keysOf?: (cluster: string) => ControlPlaneKeys;
}

/** What works in the clusters of a host, made anew for one plan: reconcilers remember what they have seen. Events stay, as they say what went wrong. */
export const planReconcilers = ({ profiles, keysOf }: Settings = {}): readonly Reconciler[] => [
  schedulerReconciler(profiles && { profiles }),
  controllersReconciler(controllersWith({ eventTtlMs: 0 }), keysOf),
  nodesReconciler({ runtime: simulatedRuntime }),
];
