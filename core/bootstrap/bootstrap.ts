import type { AdmissionPlugin } from '../admission/plugin.ts';
import { apisOf } from '../apis/apis.ts';
import { creation, update } from '../apis/mutation.ts';
import { decide } from '../decide/decide.ts';
import { type DecideContext, decided } from '../decide/decision.ts';
import type { Env } from '../env.ts';
import { fieldsOf, objectOf } from '../kube/fields.ts';
import { type KubeObject, same } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import type { LogEvent } from '../log/event.ts';
import type { Replica } from '../replica/replica.ts';
import { evolve } from '../state/evolve.ts';

/**
 * Gives an empty cluster its first entry: the objects that every cluster has. A cluster that has begun is left as it is, so this may be
 * called by several hosts at once, and at every start.
 */
export async function bootstrap(replica: Replica, { objects, before = [], env, admissionPlugins }: BootstrapOptions): Promise<void> {
  if (replica.state.offset > 0) return;
  await replica.commit((state, now) => {
    if (state.offset > 0) return { events: [], answer: () => undefined };
    let draft = evolve(state, before, { time: now }).state;
    const events: LogEvent[] = [...before];
    const create = (context: DecideContext, object: KubeObject) => {
      const resource = apisOf(draft).ofKind(object.apiVersion, object.kind)!.groupResource;
      const created = decided(decide(draft, creation(resource, object), context));
      const { state: next, changes } = evolve(draft, created.events, { time: now });
      draft = next;
      events.push(...created.events);
      // A first status comes with the object here; afterwards only its owner may set it, through the status subresource.
      const { status } = fieldsOf(object);
      const first = changes[0]!.object;
      if (status === undefined || same(status, fieldsOf(first)['status'])) return;
      const updated = decided(decide(draft, update(resource, objectOf({ ...first, status }), 'status'), context));
      draft = evolve(draft, updated.events, { time: now }).state;
      events.push(...updated.events);
    };
    for (const object of objects) create({ now, actor: userNamed('system:apiserver'), env, plugins: admissionPlugins }, object);
    return { events, answer: () => undefined };
  });
}

export interface BootstrapOptions {
  readonly objects: readonly KubeObject[];
  /** What stands in the entry before them, of resources that no API serves. */
  readonly before?: readonly LogEvent[];
  readonly env: Env;
  /** None of them may ask: there is no webhook yet. */
  readonly admissionPlugins: readonly AdmissionPlugin[];
}
