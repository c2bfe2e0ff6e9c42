import { fieldsOf, objectOf } from '../kube/fields.ts';
import { type Key, type KubeObject, keyOf } from '../kube/object.ts';
import type { State } from '../state/state.ts';
import type { View } from '../state/view.ts';

/** What is set of a cluster, but for its clock (cluster-clock.ts): what is not stands as the host has it. */
export interface ClusterSettings {
  /** Its workers rest. */
  readonly suspended?: boolean;
  /** How long the past can be read at least; 0: for ever. */
  readonly retentionMs?: number;
  /** How long an Event stays after its last write; 0: for ever. */
  readonly eventTtlMs?: number;
}

/** In the log, so that every process that folds it goes by them, and the entry that changes them wakes all workers. */
export const clusterSettings: View<ClusterSettings> = {
  of: ['clustersettings'],
  initial: {},
  evolve(before, changes) {
    const last = changes.at(-1);
    if (!last) return before;
    return last.type === 'DELETED' ? {} : (fieldsOf(last.object)['spec'] as ClusterSettings);
  },
};

export const isSuspended = (state: State): boolean => state.view(clusterSettings).suspended === true;

/** In a resource that no API serves, as the setting of the clock. */
export const SETTINGS_KEY: Key = keyOf('clustersettings', undefined, 'cluster');

/** The object that keeps settings. */
export const settingsObject = (spec: ClusterSettings): KubeObject =>
  objectOf({ apiVersion: 'v1', kind: 'ClusterSettings', metadata: { name: 'cluster' }, spec });
