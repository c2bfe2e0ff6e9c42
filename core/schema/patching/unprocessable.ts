import { StatusError } from '../../kube/status.ts';

/** What Kubernetes answers to a patch that is well-formed and cannot be applied, without saying why (NewGenericServerResponse for 422). */
export const unprocessable = (): StatusError =>
  new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'the server rejected our request due to an error in our request',
    reason: 'Invalid',
    details: {},
    code: 422,
  });
