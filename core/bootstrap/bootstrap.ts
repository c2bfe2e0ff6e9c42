import { resourceByKind } from '../apis/registry.ts';
import { decide } from '../decide/decide.ts';
import type { Env } from '../env.ts';
import { groupVersionOf } from '../kube/group-version-kind.ts';
import { type KubeObject, same } from '../kube/object.ts';
import { type User, userNamed } from '../kube/user.ts';
import type { LogEvent } from '../log/log.ts';
import type { Replica } from '../replica/replica.ts';
import { evolve } from '../state/evolve.ts';

/**
 * Gives an empty cluster its first entry: the objects that every cluster has. A cluster that has begun is left as it is, so this may be
 * called by several hosts at once, and at every start.
 */
export async function bootstrap(replica: Replica, { objects, env }: { objects: readonly KubeObject[]; env: Env }): Promise<void> {
  if (replica.state.offset > 0) return;
  await replica.commit((state, now) => {
    if (state.offset > 0) return { events: [], answer: () => undefined };
    let draft = state;
    const events: LogEvent[] = [];
    const create = (context: { now: number; actor: User; env: Env }, object: KubeObject) => {
      const { group, version } = groupVersionOf(object.apiVersion);
      const resource = resourceByKind(group, version, object.kind)!.groupResource;
      const created = decide(draft, { type: 'create', resource, object }, context);
      const { state: next, changes } = evolve(draft, created.events, { time: now });
      draft = next;
      events.push(...created.events);
      // A first status comes with the object here; afterwards only its owner may set it, through the status subresource.
      const { status } = object;
      if (status === undefined || same(status, changes[0]!.object.status)) return;
      const updated = decide(draft, { type: 'update', resource, object: { ...changes[0]!.object, status }, subresource: 'status' }, context);
      draft = evolve(draft, updated.events, { time: now }).state;
      events.push(...updated.events);
    };
    for (const object of objects) create({ now, actor: userNamed('system:apiserver'), env }, object);
    return { events, answer: () => undefined };
  });
}
