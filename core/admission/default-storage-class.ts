import { classOf } from '../apis/core/claim-class.ts';
import type { StorageClass } from '../schema/generated/kinds.ts';
import { index } from '../state/indexes.ts';
import type { State } from '../state/state.ts';
import { newestDefault } from './newest-default.ts';
import { type AdmissionPlugin, writeTo } from './plugin.ts';

/** A new claim that names no class gets the default one, of several the newest (plugin/pkg/admission/storage/storageclass/setdefault). */
export const defaultStorageClass: AdmissionPlugin = {
  name: 'DefaultStorageClass',
  mutate(review) {
    const claim = writeTo(review, 'persistentvolumeclaims', 'CREATE')?.object;
    if (!claim?.spec || classOf(claim) !== undefined) return;
    const name = defaultClassIn(review.state)?.metadata.name;
    if (name) claim.spec.storageClassName = name;
  },
};

/** The default class of a cluster, if it has one. */
export const defaultClassIn = (state: State): StorageClass | undefined => newestDefault(state.by(defaults, 'true'));

/** The classes that are marked as the default stand under `true`. */
const defaults = index(['storageclasses.storage.k8s.io'], (_key, { metadata: { annotations = {} } }) =>
  MARKS.some((mark) => annotations[mark] === 'true') ? ['true'] : [],
);

const MARKS = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class'];
