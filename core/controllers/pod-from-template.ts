import type { Env } from '../env.ts';
import { controllerRef, type KubeObject } from '../object.ts';
import type { State } from '../projection/state.ts';
import type { Pod, PodTemplateSpec } from '../resources/generated/kinds.ts';
import { label } from '../resources/validation/names.ts';

/** A pod made from a template for the controller that owns it (GetPodFromTemplate in pkg/controller/controller_utils.go). */
export function podFromTemplate({
  template,
  owner,
  name,
  generateName,
}: {
  template: PodTemplateSpec;
  owner: KubeObject;
  name: string;
  generateName: string;
}): Pod {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      generateName,
      namespace: owner.metadata.namespace!,
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ...(finalizers && { finalizers }),
      ownerReferences: [controllerRef(owner)],
    },
    spec: template.spec!,
  };
}

/** The prefix of the names of an owner's pods: `web-`, or `web` when a name with the dash would be no prefix of a valid one. */
export const podPrefix = (owner: KubeObject): string => (label(`${owner.metadata.name}-a`).length > 0 ? owner.metadata.name : `${owner.metadata.name}-`);

/**
 * Draws names that are free in a namespace and differ from each other. (The API server would draw one for `generateName` by itself, but
 * the Event that tells of a new pod has to name it.)
 */
export class FreeNames {
  private readonly drawn = new Set<string>();
  private readonly options: { state: State; namespace: string | undefined; env: Env };

  constructor(options: { state: State; namespace: string | undefined; env: Env }) {
    this.options = options;
  }

  draw(prefix: string): string {
    const { state, namespace, env } = this.options;
    // apiserver/pkg/storage/names: a generated name has at most 63 characters.
    const base = prefix.slice(0, 58);
    let name: string;
    do name = `${base}${env.ids.suffix()}`;
    while (this.drawn.has(name) || state.get('pods', namespace, name));
    this.drawn.add(name);
    return name;
  }
}
