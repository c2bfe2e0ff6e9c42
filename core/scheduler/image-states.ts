import type { Node } from '../schema/generated/kinds.ts';
import type { ClusterInfo } from './framework.ts';
import { NodeFollower } from './node-follower.ts';

/** On how many nodes each image is, by every name that nodes give it. */
export class ImageStates {
  readonly #follower = new NodeFollower();
  readonly #nodes = new Map<string, number>();

  update(cluster: ClusterInfo): this {
    this.#follower.follow(cluster, (_position, after, before) => {
      if (after?.node.status?.images === before?.node.status?.images) return;
      if (after) for (const name of imagesOf(after.node).keys()) this.#nodes.set(name, this.nodesWith(name) + 1);
      if (before) for (const name of imagesOf(before.node).keys()) this.#remove(name);
    });
    return this;
  }

  nodesWith(name: string): number {
    return this.#nodes.get(name) ?? 0;
  }

  #remove(name: string): void {
    const nodes = this.nodesWith(name) - 1;
    if (nodes > 0) this.#nodes.set(name, nodes);
    else this.#nodes.delete(name);
  }
}

/** The images of a node with their sizes in bytes, by every name that it gives them. Computed once for a list, which never changes. */
export function imagesOf({ status }: Node): ReadonlyMap<string, number> {
  const images = status?.images;
  if (!images?.length) return NONE;
  let sizes = known.get(images);
  if (!sizes) {
    sizes = new Map(images.flatMap(({ names = [], sizeBytes = 0 }) => names.map((name) => [name, Number(sizeBytes)] as const)));
    known.set(images, sizes);
  }
  return sizes;
}

const known = new WeakMap<object, ReadonlyMap<string, number>>();
const NONE: ReadonlyMap<string, number> = new Map();
