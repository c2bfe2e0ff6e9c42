import { type Env, systemEnv } from '../env.ts';
import { userNamed } from '../kube/user.ts';
import type { LogEvent, Offset } from '../log/event.ts';
import type { EventLog } from '../log/log.ts';
import { Replica, type ReplicaOptions } from '../replica/replica.ts';
import type { State } from '../state/state.ts';

/** A replica of the cluster `c`, for tests of what is written to its log. */
export const openOn = (log: EventLog, options: Partial<ReplicaOptions> = {}): Promise<Replica> =>
  Replica.open({ log, cluster: 'c', env: systemEnv as Env, freeze: true, ...options });

/** Writes ConfigMaps, all in one entry: each is created, or has one more `n`. Resolves to the end of the entry. */
export function write(replica: Replica, ...names: readonly string[]): Promise<Offset> {
  return replica.commit((state) => ({
    events: names.map((name): LogEvent => {
      const key = `configmaps/default/${name}`;
      const there = state.get('configmaps', 'default', name);
      const n = String(Number(there?.data?.['n'] ?? 0) + 1);
      if (there) return { type: 'MODIFIED', key, patch: { data: { n } }, actor: userNamed('me') };
      return {
        type: 'ADDED',
        key,
        object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data: { n } } as never,
        actor: userNamed('me'),
      };
    }),
    answer: (changes) => changes.at(-1)!.offset,
  }));
}

/** The ConfigMaps of a state, with their versions: `a=2@7`. */
export const written = (state: State): string =>
  state
    .list('configmaps')
    .map(({ metadata, data }) => `${metadata.name}=${data?.['n']}@${metadata.resourceVersion}`)
    .join(' ');
