import type { Subresource } from '../../apis/api-resource.ts';

/**
 * Subresources that Kubernetes does not have. They are authorized as any other (`pods/scheduling`), and stand neither in discovery nor in OpenAPI: a client that goes
 * through all of those finds what it finds elsewhere.
 */
export const undiscovered: Readonly<Record<string, Readonly<Record<string, Pick<Subresource, 'verbs'>>>>> = {
  pods: { scheduling: { verbs: ['create'] } },
};
