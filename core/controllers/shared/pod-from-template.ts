import { controllerRef, type KubeObject } from '../../kube/object.ts';
import { label } from '../../kube/validation/names.ts';
import type { Pod, PodTemplateSpec } from '../../schema/generated/kinds.ts';

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
