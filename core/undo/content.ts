import { type Fields, fieldsOf, objectOf } from '../kube/fields.ts';
import type { KubeObject, ObjectMeta } from '../kube/object.ts';

/**
 * What of an object is restored: all but its status, which follows from the rest, and what only the server and the control plane say of it. Two versions with the same content are the
 * same to a Restore.
 */
export function contentOf(object: KubeObject): Fields {
  const { apiVersion: _a, kind: _k, metadata, status: _s, ...rest } = fieldsOf(object);
  return { metadata: contentOfMetadata(metadata as ObjectMeta), ...rest };
}

function contentOfMetadata({ labels, annotations, finalizers, ownerReferences }: ObjectMeta): Fields {
  const content: Record<string, unknown> = {
    labels,
    annotations: picked(annotations, (name) => !isControllers(name)),
    finalizers: finalizers?.filter((name) => !isFinalizerOfControllers(name)),
    ownerReferences,
  };
  for (const [name, value] of Object.entries(content)) if (!value || Object.keys(value).length === 0) delete content[name];
  return content;
}

/** An object with another content; what is no content stays as it is. */
export function withContent(object: KubeObject, content: Fields): KubeObject {
  const { apiVersion, kind, metadata, status } = fieldsOf(object) as Fields & { metadata: ObjectMeta };
  const { metadata: given, ...rest } = content as Fields & { metadata: Partial<ObjectMeta> };
  const { labels: _l, annotations, finalizers = [], ownerReferences: _o, ...others } = metadata;
  const merged: Record<string, unknown> = {
    labels: given.labels,
    annotations: { ...picked(annotations, isControllers), ...given.annotations },
    finalizers: [...finalizers.filter(isFinalizerOfControllers), ...(given.finalizers ?? [])],
    ownerReferences: given.ownerReferences,
  };
  for (const [name, value] of Object.entries(merged)) if (!value || Object.keys(value).length === 0) delete merged[name];
  return objectOf({ apiVersion, kind, metadata: { ...others, ...merged }, ...rest, ...(status !== undefined && { status }) });
}

function picked(values: Readonly<Record<string, string>> | undefined, wanted: (name: string) => boolean): Record<string, string> | undefined {
  return values && Object.fromEntries(Object.entries(values).filter(([name]) => wanted(name)));
}

/** What controllers note for themselves: a Deployment's revision counts on, whatever the Deployment comes back to. */
const isControllers = (annotation: string): boolean =>
  ['deployment.kubernetes.io/', 'pv.kubernetes.io/', 'volume.kubernetes.io/', 'autoscaling.alpha.kubernetes.io/'].some((prefix) =>
    annotation.startsWith(prefix),
  ) || annotation === 'deprecated.daemonset.template.generation';

/** A finalizer of the control plane is put on and taken off by its controller. */
const isFinalizerOfControllers = (name: string): boolean => !name.includes('/') || /(^|\.)(kubernetes\.io|k8s\.aws)\//.test(name);
