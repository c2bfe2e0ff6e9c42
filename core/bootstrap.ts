import type { Env } from './env.ts';
import type { LogEvent } from './log/log.ts';
import { type KubeObject, same } from './object.ts';
import { Overlay } from './projection/overlay.ts';
import type { Replica } from './replica.ts';
import { decide } from './resources/decide.ts';
import { resourceByKind } from './resources/registry.ts';

/**
 * Gives an empty cluster its first entry: the objects that every cluster has. A cluster that has begun is left as it is, so this may be
 * called by several hosts at once, and at every start.
 */
export async function bootstrap(replica: Replica, { objects, env }: { objects: readonly KubeObject[]; env: Env }): Promise<void> {
  if (replica.state.offset > 0) return;
  await replica.commit((state, now) => {
    if (state.offset > 0) return { events: [], answer: () => undefined };
    const draft = new Overlay(state);
    const events: LogEvent[] = [];
    const create = (context: { now: number; actor: string; env: Env }, object: KubeObject) => {
      const [group, version] = object.apiVersion.includes('/') ? object.apiVersion.split('/') : ['', object.apiVersion];
      const resource = resourceByKind(group!, version!, object.kind)!.groupResource;
      const created = decide(draft, { type: 'create', resource, object }, context);
      const changes = draft.apply(created.events, now);
      events.push(...created.events);
      // A first status comes with the object here; afterwards only its owner may set it, through the status subresource.
      const { status } = object;
      if (status === undefined || same(status, changes[0]!.object.status)) return;
      const updated = decide(draft, { type: 'update', resource, object: { ...changes[0]!.object, status }, subresource: 'status' }, context);
      draft.apply(updated.events, now);
      events.push(...updated.events);
    };
    for (const object of objects) create({ now, actor: 'system:apiserver', env }, object);
    return { events, answer: () => undefined };
  });
}
