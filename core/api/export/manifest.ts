import { type Fields, fieldsOf } from '../../kube/fields.ts';
import type { GroupResource, KubeObject } from '../../kube/object.ts';
import type { Job, PersistentVolume, PersistentVolumeClaim, Pod, PodSpec, Secret, Service, ServiceAccount } from '../../schema/generated/kinds.ts';

/** An object as a client would write it: without what servers and controllers set, which another cluster would refuse, or set otherwise. undefined: nothing is left of it. */
export function manifestOf(groupResource: GroupResource, object: KubeObject): Fields | undefined {
  const { status: _, metadata, ...rest } = fieldsOf(object) as { status?: unknown; metadata: KubeObject['metadata'] } & Fields;
  const { name, namespace, labels, annotations } = metadata;
  const kept = {
    name,
    ...(namespace && { namespace }),
    ...without(labels, 'labels', SET_LABELS),
    ...without(annotations, 'annotations', SET_ANNOTATIONS),
  };
  const written = Object.hasOwn(ofKinds, groupResource) ? ofKinds[groupResource]!(object as never, rest) : rest;
  return written && { ...written, metadata: kept };
}

const SET_LABELS: ReadonlySet<string> = new Set(['kubernetes.io/metadata.name']);

const SET_ANNOTATIONS: ReadonlySet<string> = new Set([
  'deployment.kubernetes.io/revision',
  'deprecated.daemonset.template.generation',
  'kubectl.kubernetes.io/last-applied-configuration',
  'pv.kubernetes.io/bind-completed',
  'pv.kubernetes.io/bound-by-controller',
  'volume.beta.kubernetes.io/storage-provisioner',
  'volume.kubernetes.io/selected-node',
  'volume.kubernetes.io/storage-provisioner',
]);

function without(map: Record<string, string> | undefined, field: 'labels' | 'annotations', names: ReadonlySet<string>) {
  const kept = Object.entries(map ?? {}).filter(([name]) => !names.has(name));
  return kept.length > 0 ? { [field]: Object.fromEntries(kept) } : {};
}

type ManifestOf<T> = (object: T, rest: Fields) => Fields | undefined;

const ofKinds: Readonly<Record<GroupResource, ManifestOf<never>>> = {
  namespaces: (_: never, { spec: _spec, ...rest }) => rest,
  services: service,
  serviceaccounts: serviceAccount,
  secrets: secret,
  pods: pod,
  'jobs.batch': job,
  persistentvolumes: volume,
  persistentvolumeclaims: claim,
};

/** Its addresses are those of its cluster. */
function service({ spec }: Service, rest: Fields): Fields {
  if (!spec || spec.clusterIP === 'None') return rest;
  const { clusterIP: _, clusterIPs: _all, healthCheckNodePort: _port, ...others } = spec;
  return { ...rest, spec: others };
}

function serviceAccount(_: ServiceAccount, { secrets: _secrets, ...rest }: Fields): Fields {
  return rest;
}

/** A token is made for the account that another cluster has. */
function secret({ type }: Secret, rest: Fields): Fields | undefined {
  return type === 'kubernetes.io/service-account-token' ? undefined : rest;
}

function pod({ spec }: Pod, rest: Fields): Fields {
  return spec ? { ...rest, spec: unplaced(spec) } : rest;
}

/** Before admission and a scheduler had to do with it: without a node, the priority of its class, and the token that it is given. */
function unplaced({ nodeName: _, priority: _priority, preemptionPolicy: _policy, ...spec }: PodSpec): Fields {
  const isToken = ({ name }: { name: string }) => name.startsWith('kube-api-access-');
  const volumes = spec.volumes?.filter((mounted) => !isToken(mounted));
  const unmounted = <T extends { volumeMounts?: { name: string }[] }>(containers: T[] | undefined): T[] | undefined =>
    containers?.map(({ volumeMounts, ...container }) => {
      const left = volumeMounts?.filter((mount) => !isToken(mount)) ?? [];
      return { ...container, ...(left.length > 0 && { volumeMounts: left }) } as T;
    });
  const { volumes: _all, initContainers, ephemeralContainers: _debuggers, ...others } = spec;
  return {
    ...others,
    containers: unmounted(spec.containers),
    ...(initContainers && { initContainers: unmounted(initContainers) }),
    ...(volumes && volumes.length > 0 && { volumes }),
  };
}

/** Its pods are told apart by its uid, which another cluster gives it, unless its author has said by what. */
function job({ spec }: Job, rest: Fields): Fields {
  if (!spec || spec.manualSelector) return rest;
  const { selector: _, template, ...others } = spec;
  const { metadata = {}, ...ofTemplate } = template;
  const { creationTimestamp: _created, ...templateMetadata } = metadata;
  const labels = without(templateMetadata.labels, 'labels', JOB_LABELS);
  const { labels: _labels, ...left } = templateMetadata;
  return { ...rest, spec: { ...others, template: { ...ofTemplate, metadata: { ...left, ...labels } } } };
}

const JOB_LABELS: ReadonlySet<string> = new Set(['controller-uid', 'job-name', 'batch.kubernetes.io/controller-uid', 'batch.kubernetes.io/job-name']);

/** The claim that has it, if any, by its name alone. */
function volume({ spec }: PersistentVolume, rest: Fields): Fields {
  if (!spec?.claimRef) return rest;
  const { name, namespace } = spec.claimRef;
  return { ...rest, spec: { ...spec, claimRef: { name, namespace } } };
}

/** A volume that was provisioned for it is provisioned again. */
function claim({ metadata, spec }: PersistentVolumeClaim, rest: Fields): Fields {
  const isProvisioned = metadata.annotations?.['volume.kubernetes.io/storage-provisioner'] !== undefined;
  if (!spec || !isProvisioned) return rest;
  const { volumeName: _, ...others } = spec;
  return { ...rest, spec: others };
}
