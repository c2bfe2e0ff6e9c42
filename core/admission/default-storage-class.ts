import { classOf } from '../apis/core/claim-class.ts';
import type { StorageClass } from '../schema/generated/kinds.ts';
import type { State } from '../state/state.ts';
import { type AdmissionPlugin, writeTo } from './plugin.ts';

/** A new claim that names no class gets the default one (plugin/pkg/admission/storage/storageclass/setdefault). */
export const defaultStorageClass: AdmissionPlugin = {
  name: 'DefaultStorageClass',
  mutate(review) {
    const claim = writeTo(review, 'persistentvolumeclaims', 'CREATE')?.object;
    if (!claim?.spec || classOf(claim) !== undefined) return;
    const name = newestDefault(review.state)?.metadata.name;
    if (name) claim.spec.storageClassName = name;
  },
};

/** The newest of the classes that are marked as the default; of equally new ones the first by name. */
function newestDefault(state: State): StorageClass | undefined {
  const marked = state.list('storageclasses.storage.k8s.io').filter(({ metadata }) => isDefault(metadata.annotations));
  const newness = ({ metadata }: StorageClass) => metadata.creationTimestamp ?? '';
  return [...marked].sort((a, b) => (newness(a) === newness(b) ? (a.metadata.name < b.metadata.name ? -1 : 1) : newness(a) > newness(b) ? -1 : 1))[0];
}

const isDefault = (annotations: Record<string, string> = {}) =>
  annotations['storageclass.kubernetes.io/is-default-class'] === 'true' || annotations['storageclass.beta.kubernetes.io/is-default-class'] === 'true';
