import { apisOf } from '../apis/apis.ts';
import type { ControllerChanges, KindChanges } from '../apis/logplane/plan-status.ts';
import { fieldsOf } from '../kube/fields.ts';
import { type GroupResource, type Key, type KubeObject, keyOf, same } from '../kube/object.ts';
import type { State } from '../state/state.ts';
import { LIGHT } from '../state/unread.ts';

interface Between {
  readonly start: State;
  readonly end: State;
  /** What the user has left at these keys: only what became of that is the controllers'. */
  readonly left: ReadonlyMap<Key, KubeObject | undefined>;
}

/** What the controllers have made of a state: objects that are new, other ones, or gone. Telemetry is left out, and so is what is said in statuses. */
export function controllerChanges({ start, end, left }: Between): Omit<ControllerChanges, 'cameAndWent'> {
  const [created, changed, deleted] = [new Kinds(), new Kinds(), new Kinds()];
  for (const resource of new Set([...start.resources, ...end.resources].sort())) {
    if (LIGHT.has(resource) || !(apisOf(end).resource(resource) ?? apisOf(start).resource(resource))) continue;
    for (const { before, after } of differing(resource, { start, end, left })) {
      if (!before && after) created.add(after);
      else if (before && !after) deleted.add(before);
      else if (before && after && before.metadata.uid !== after.metadata.uid) {
        deleted.add(before);
        created.add(after);
      } else if (before && after && !isSameButStatus(before, after)) changed.add(after);
    }
  }
  return { created: created.all, changed: changed.all, deleted: deleted.all };
}

function* differing(
  resource: GroupResource,
  { start, end, left }: Between,
): Generator<{ readonly before: KubeObject | undefined; readonly after: KubeObject | undefined }> {
  for (const path of start.differences(end, resource)) {
    const slash = path.indexOf('/');
    const [namespace, name] = [path.slice(0, slash), path.slice(slash + 1)];
    const key = keyOf(resource, namespace, name);
    yield { before: left.has(key) ? left.get(key) : start.get(resource, namespace, name), after: end.get(resource, namespace, name) };
  }
}

function isSameButStatus(a: KubeObject, b: KubeObject): boolean {
  return same(withoutStatus(a), withoutStatus(b));
}

/** Nor is it a change of a Deployment that its ReplicaSets are counted. */
function withoutStatus(object: KubeObject) {
  const { status: _, ...rest } = fieldsOf(object);
  const { resourceVersion: _v, annotations, ...metadata } = object.metadata;
  const { 'deployment.kubernetes.io/revision': _r, ...others } = annotations ?? {};
  return { ...rest, metadata: { ...metadata, annotations: others } };
}

/** Objects by their kind. */
export class Kinds {
  readonly #kinds = new Map<string, { apiVersion: string; kind: string; count: number; names: string[] }>();

  add({ apiVersion, kind, metadata: { namespace, name } }: KubeObject): void {
    const id = `${apiVersion}/${kind}`;
    const of = this.#kinds.get(id) ?? { apiVersion, kind, count: 0, names: [] };
    of.count++;
    if (of.names.length < MOST_NAMED) of.names.push(namespace ? `${namespace}/${name}` : name);
    this.#kinds.set(id, of);
  }

  get all(): readonly KindChanges[] {
    return [...this.#kinds.values()];
  }
}

const MOST_NAMED = 20;
