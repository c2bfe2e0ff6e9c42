import type { Fields } from '../kube/fields.ts';
import type { GroupResource, KubeObject } from '../kube/object.ts';
import type { Job, PersistentVolume, PersistentVolumeClaim, Pod, Secret } from '../schema/generated/kinds.ts';
import type { State } from '../state/state.ts';
import { contentOf, withContent } from './content.ts';
import { ownedByThoseThere } from './owners.ts';

/**
 * An object that is gone, as it is created once more: a new one, with a uid of its own, what it was as far as clients say, and without what was found out for the old one
 * (where it ran, what it was told apart by).
 */
export function recreated(resource: GroupResource, object: KubeObject, state: State): KubeObject {
  const { apiVersion, kind, metadata } = object;
  const { name, namespace } = metadata;
  const bare: KubeObject = { apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }) } };
  const again = ownedByThoseThere(withContent(bare, contentOf(object)), state);
  return kinds[resource]?.(again as never, state) ?? again;
}

const kinds: Readonly<Record<GroupResource, (object: never, state: State) => KubeObject>> = {
  /** The scheduler finds a node for it. */
  pods: ({ spec, ...pod }: Pod): Pod => {
    const { nodeName: _, ...rest } = spec!;
    return { ...pod, spec: rest };
  },

  /** By its own uid. */
  'jobs.batch': (job: Job): KubeObject => {
    const { spec, metadata } = job;
    if (spec?.manualSelector) return job;
    const { selector: _, template, ...rest } = spec!;
    const labels = withoutGenerated(template.metadata?.labels);
    const kept = withoutGenerated(metadata.labels);
    return {
      ...job,
      metadata: { ...metadata, ...(kept && { labels: kept }) },
      spec: { ...rest, template: { ...template, metadata: { ...template.metadata, ...(labels && { labels }) } } },
    } as KubeObject;
  },

  /** Bound anew: a volume that went with it, or is still that of the claim before it, is not waited for. */
  persistentvolumeclaims: (claim: PersistentVolumeClaim, state): KubeObject => {
    const { volumeName } = claim.spec ?? {};
    const volume = volumeName && state.get('persistentvolumes', undefined, volumeName);
    if (!volumeName || (volume && !volume.metadata.deletionTimestamp && !volume.spec?.claimRef?.uid)) return claim;
    const { volumeName: _, ...spec } = claim.spec!;
    return { ...claim, spec } as KubeObject;
  },

  /** The token of a service account is made anew, for the one that has its name. */
  secrets: (secret: Secret): KubeObject => {
    if (secret.type !== SERVICE_ACCOUNT_TOKEN) return secret;
    const { data, ...rest } = secret;
    const { [SERVICE_ACCOUNT_UID]: _, ...annotations } = secret.metadata.annotations ?? {};
    const own = Object.fromEntries(Object.entries(data ?? {}).filter(([name]) => !FILLED_IN.includes(name)));
    return { ...rest, metadata: { ...secret.metadata, annotations }, ...(Object.keys(own).length > 0 && { data: own }) } as KubeObject;
  },

  /** The claim of that name, whichever it is now. */
  persistentvolumes: (volume: PersistentVolume): KubeObject => {
    const { claimRef } = volume.spec ?? {};
    if (!claimRef) return volume;
    const { uid: _u, resourceVersion: _r, ...ref } = claimRef;
    return { ...volume, spec: { ...volume.spec, claimRef: ref } } as KubeObject;
  },
};

const SERVICE_ACCOUNT_TOKEN = 'kubernetes.io/service-account-token';
const SERVICE_ACCOUNT_UID = 'kubernetes.io/service-account.uid';
/** By the tokens controller. */
const FILLED_IN = ['ca.crt', 'namespace', 'token'];

function withoutGenerated(labels: Fields | undefined): Record<string, string> | undefined {
  if (!labels) return undefined;
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !GENERATED.includes(name))) as Record<string, string>;
}

const GENERATED = ['batch.kubernetes.io/controller-uid', 'batch.kubernetes.io/job-name', 'controller-uid', 'job-name'];
