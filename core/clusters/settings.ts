import { same } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import type { LogEvent } from '../log/event.ts';
import { type ClusterSettings, clusterSettings, SETTINGS_KEY, settingsObject } from '../replica/cluster-settings.ts';
import type { Replica } from '../replica/replica.ts';

/** Writes what is set of a cluster into its log, unless it stands there. */
export async function setSettings(replica: Replica, settings: ClusterSettings): Promise<void> {
  await replica.commit((state) => {
    if (same(state.view(clusterSettings), settings)) return { events: [], answer: () => undefined };
    const set = { key: SETTINGS_KEY, object: settingsObject(settings), actor: userNamed('system:apiserver') };
    const isThere = state.get('clustersettings', undefined, 'cluster') !== undefined;
    const event: LogEvent = isThere ? { type: 'MODIFIED', ...set } : { type: 'ADDED', ...set };
    return { events: [event], answer: () => undefined };
  });
}
