import { classOf } from '../apis/core/claim-class.ts';
import { index } from '../state/indexes.ts';
import { newestDefault } from './newest-default.ts';
import { type AdmissionPlugin, writeTo } from './plugin.ts';

/** A new claim that names no class gets the default one, of several the newest (plugin/pkg/admission/storage/storageclass/setdefault). */
export const defaultStorageClass: AdmissionPlugin = {
  name: 'DefaultStorageClass',
  mutate(review) {
    const claim = writeTo(review, 'persistentvolumeclaims', 'CREATE')?.object;
    if (!claim?.spec || classOf(claim) !== undefined) return;
    const name = newestDefault(review.state.by(defaults, 'true'))?.metadata.name;
    if (name) claim.spec.storageClassName = name;
  },
};

/** The classes that are marked as the default stand under `true`. */
const defaults = index(['storageclasses.storage.k8s.io'], (_key, { metadata: { annotations = {} } }) =>
  MARKS.some((mark) => annotations[mark] === 'true') ? ['true'] : [],
);

const MARKS = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class'];
