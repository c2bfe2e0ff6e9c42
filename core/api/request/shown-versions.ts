import type { Answer, Ask } from '../../admission/ask.ts';
import type { ApiResource } from '../../apis/api-resource.ts';
import { allInVersion } from '../../decide/versions.ts';
import type { KubeObject } from '../../kube/object.ts';

/** Custom objects in the version that a request names. What has been converted is kept as long as the object is that it was made of. */
export class ShownVersions {
  readonly #resource: ApiResource;
  readonly #apiVersion: string;
  readonly #shown = new WeakMap<KubeObject, KubeObject>();

  constructor(resource: ApiResource, apiVersion: string) {
    this.#resource = resource;
    this.#apiVersion = apiVersion;
  }

  /** The object as it is shown. Of a resource that a webhook converts, `convert` comes first. */
  get(object: KubeObject): KubeObject {
    if (!this.#shown.has(object) && !this.convert([object], () => undefined)) throw new Error(`${this.#apiVersion} was to be shown before it was converted`);
    return this.#shown.get(object)!;
  }

  /** False: a webhook has been asked and has not answered yet. Throws 500 when its answer is none. */
  convert(objects: readonly KubeObject[], ask: (ask: Ask) => Answer | undefined): boolean {
    const missing = objects.filter((object) => !this.#shown.has(object));
    const shown = allInVersion(missing, { resource: this.#resource, apiVersion: this.#apiVersion, ask });
    if (!shown) return false;
    for (const [i, object] of shown.entries()) this.#shown.set(missing[i]!, object);
    return true;
  }
}
