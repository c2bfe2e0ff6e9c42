import type { ContainerImage, Node } from '../schema/generated/kinds.ts';
import type { ImageReference } from './image.ts';
import { imageName } from './image.ts';

/** As many as a kubelet reports (nodeStatusMaxImages); what is pulled before them is taken for collected. */
const MOST_IMAGES = 50;

/** The images of a node, as its status has them, and those that are pulled while it is looked at. */
export class NodeImages {
  readonly #names = new Set<string>();
  #images: readonly ContainerImage[];
  #changed = false;

  constructor({ status }: Node) {
    this.#images = status?.images ?? [];
    for (const { names } of this.#images) for (const name of names ?? []) this.#names.add(name);
  }

  has(reference: ImageReference): boolean {
    return this.#names.has(imageName(reference));
  }

  /** An image that has come onto the node. */
  add(reference: ImageReference, { id, size }: { id: string; size: number }): void {
    if (this.has(reference)) return;
    const names = [id, imageName(reference)];
    for (const name of names) this.#names.add(name);
    this.#images = [{ names: [...new Set(names)], sizeBytes: size }, ...this.#images].slice(0, MOST_IMAGES);
    this.#changed = true;
  }

  /** The images as they are to be reported, when they are not yet. */
  takeChanged(): readonly ContainerImage[] | undefined {
    const changed = this.#changed;
    this.#changed = false;
    return changed ? this.#images : undefined;
  }
}
