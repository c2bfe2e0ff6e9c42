import { apiVersionOf } from '../kube/group-version-kind.ts';
import type { Stage } from './stages.ts';
import { inVersion } from './versions.ts';

/** The last stage of a write: what is stored is of the storage version. */
export const toStorageVersion: Stage = (draft) => {
  const { resource, object } = draft;
  if (!resource.custom) return;
  const apiVersion = apiVersionOf({ group: resource.group, version: resource.storageVersion.version });
  const converted = inVersion(object, { resource, apiVersion, ask: draft.ask });
  if (converted)
    draft.object = {
      ...converted,
      metadata: { ...converted.metadata, ...(object.metadata.resourceVersion && { resourceVersion: object.metadata.resourceVersion }) },
    };
};
