import type { Node, PersistentVolume, PersistentVolumeClaim } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { type ClusterInfo, type Plugin, skip, unresolvable } from '../framework.ts';
import type { PodInfo } from '../pod-info.ts';

/** A pod goes where the zone and region labels of its volumes say (pkg/scheduler/framework/plugins/volumezone). */
export const volumeZone: Plugin = {
  name: 'VolumeZone',
  preFilter: (info, cluster) => {
    if (info.claims.length === 0) return skip;
    const places = placesOf(info, cluster);
    if (typeof places === 'string') return { type: 'impossible', reason: places };
    return places.length === 0 ? skip : undefined;
  },
  filter: (info, { node }, cluster) => {
    const places = placesOf(info, cluster);
    if (typeof places === 'string') return unresolvable(places);
    const { labels = {} } = node.metadata;
    // A node that says nothing of zones is in the only one.
    if (!LABELS.some((label) => Object.hasOwn(labels, label))) return undefined;
    return places.every(({ label, values }) => values.has(labelOf(labels, label))) ? undefined : NO_ZONE;
  },
};

const NO_ZONE = unresolvable('node(s) had no available volume zone');

const BETA: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
};
const LABELS = [...Object.keys(BETA), ...Object.values(BETA)];

/** A node's label, or the one that a beta label has become. */
const labelOf = (labels: NonNullable<Node['metadata']['labels']>, label: string): string | undefined => labels[label] ?? labels[BETA[label] ?? label];

/** A label of a volume, and the values that a node may have. */
interface Place {
  readonly label: string;
  readonly values: ReadonlySet<string | undefined>;
}

/** Where a pod's volumes are; or why that cannot be said. */
function placesOf(info: PodInfo, { state }: ClusterInfo): readonly Place[] | string {
  const known = placesByPod.get(info);
  if (known) return known;
  const places = volumesOf(info, state);
  const found = typeof places === 'string' ? places : places.flatMap(placesOfVolume);
  placesByPod.set(info, found);
  return found;
}

/** Looked for once each time that a pod is tried. */
const placesByPod = new WeakMap<PodInfo, readonly Place[] | string>();

function volumesOf({ pod: { metadata, spec } }: PodInfo, state: State): readonly PersistentVolume[] | string {
  const volumes: PersistentVolume[] = [];
  for (const { persistentVolumeClaim } of spec!.volumes ?? []) {
    if (!persistentVolumeClaim) continue;
    const name = persistentVolumeClaim.claimName;
    const claim = state.get('persistentvolumeclaims', metadata.namespace, name);
    if (!claim) return `persistentvolumeclaim ${JSON.stringify(name)} not found`;
    const { volumeName } = claim.spec!;
    if (!volumeName) {
      const reason = whyUnbound(claim, state);
      if (reason !== undefined) return reason;
      continue;
    }
    const volume = state.get('persistentvolumes', undefined, volumeName);
    if (!volume) return `persistentvolume ${JSON.stringify(volumeName)} not found`;
    volumes.push(volume);
  }
  return volumes;
}

/** Why a claim without a volume does not get one where the pod goes; undefined: it does. */
function whyUnbound({ spec }: PersistentVolumeClaim, state: State): string | undefined {
  const { storageClassName } = spec!;
  if (!storageClassName) return 'PersistentVolumeClaim had no pv name and storageClass name';
  const storageClass = state.get('storageclasses.storage.k8s.io', undefined, storageClassName);
  if (!storageClass) return `storageclass.storage.k8s.io ${JSON.stringify(storageClassName)} not found`;
  return storageClass.volumeBindingMode === 'WaitForFirstConsumer' ? undefined : 'PersistentVolume had no name';
}

/** A label of a volume may name several zones: `a__b` (volumehelpers.LabelZonesToSet). */
const placesOfVolume = ({ metadata: { labels = {} } }: PersistentVolume): Place[] =>
  LABELS.filter((label) => Object.hasOwn(labels, label)).map((label) => ({ label, values: new Set(labels[label]!.split('__').map((zone) => zone.trim())) }));
