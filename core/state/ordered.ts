import type { GroupResource, KubeObject } from '../kube/object.ts';
import { emptyTree, type Tree } from './tree.ts';
import type { View } from './view.ts';

/** The objects of one resource in the order of `namespace/name`, as etcd orders its keys. */
export class Ordered {
  /** By name, under the namespace and a slash: `a-b/` comes before `a/`. */
  readonly #spaces: Tree<Tree<KubeObject>>;
  #all: readonly KubeObject[] | undefined;

  constructor(spaces: Tree<Tree<KubeObject>> = emptyTree()) {
    this.#spaces = spaces;
  }

  /** All of them. */
  get all(): readonly KubeObject[] {
    this.#all ??= this.#spaces.valuesArray().flatMap((names) => names.valuesArray());
    return this.#all;
  }

  in(namespace: string): readonly KubeObject[] {
    return this.#spaces.get(`${namespace}/`)?.valuesArray() ?? [];
  }

  countIn(namespace: string): number {
    return this.#spaces.get(`${namespace}/`)?.size ?? 0;
  }

  with(objects: ReadonlyMap<string, readonly Placed[]>): Ordered {
    const spaces = this.#spaces.clone();
    for (const [namespace, placed] of objects) {
      const names = spaces.get(`${namespace}/`)?.clone() ?? emptyTree<KubeObject>();
      for (const { name, object } of placed) {
        if (object) names.set(name, object);
        else names.delete(name);
      }
      if (names.size > 0) spaces.set(`${namespace}/`, names);
      else spaces.delete(`${namespace}/`);
    }
    return new Ordered(spaces);
  }
}

/** What stands at a name: an object, or none any more. */
interface Placed {
  readonly name: string;
  readonly object: KubeObject | undefined;
}

/** The order of a resource's objects, as a view: a cluster without lists does not pay for it. */
export function orderedView(resource: GroupResource): View<Ordered> {
  let view = views.get(resource);
  if (!view) {
    view = {
      of: [resource],
      initial: new Ordered(),
      evolve: (ordered, changes) => {
        const byNamespace = new Map<string, Placed[]>();
        for (const { type, object } of changes) {
          const { namespace = '', name } = object.metadata;
          const placed = { name, object: type === 'DELETED' ? undefined : object };
          const others = byNamespace.get(namespace);
          if (others) others.push(placed);
          else byNamespace.set(namespace, [placed]);
        }
        return ordered.with(byNamespace);
      },
    };
    views.set(resource, view);
  }
  return view;
}

const views = new Map<GroupResource, View<Ordered>>();
