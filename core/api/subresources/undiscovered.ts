import type { ApiResource, Subresource } from '../../apis/api-resource.ts';

/**
 * Subresources that Kubernetes does not have. They are authorized as any other (`pods/scheduling`), and stand neither in discovery nor in OpenAPI: a client that goes
 * through all of those finds what it finds elsewhere.
 */
export const undiscovered = (resource: ApiResource): Readonly<Record<string, Pick<Subresource, 'verbs'>>> => ({
  ...(isKept(resource) && ofAll),
  ...(resource.groupResource === 'pods' && ofPods),
});

/** Of all whose objects are kept, and so have a past. */
const ofAll = { history: { verbs: ['get'] }, blame: { verbs: ['get'] } };
const ofPods = { scheduling: { verbs: ['create'] } };

const isKept = ({ aggregated, versions }: ApiResource): boolean => !aggregated && versions.some(({ verbs }) => verbs.includes('watch'));
