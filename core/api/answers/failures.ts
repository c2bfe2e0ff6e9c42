import { internalError, type Status, StatusError, serviceUnavailable } from '../../kube/status.ts';
import { LogUnavailable } from '../../log/log.ts';

/**
 * What a client is told of anything that was thrown: an expected failure as its Status, a log that cannot be read as 503 with the time to wait, a bug as 500.
 * What the last two have to say is for the host alone.
 */
export function statusOf(error: unknown, bug = 'an unexpected error'): Status {
  if (error instanceof StatusError) return error.status;
  return (error instanceof LogUnavailable ? serviceUnavailable(LOG_UNAVAILABLE) : internalError(bug)).status;
}

/** The text of client-go for 503 (NewGenericServerResponse), and why. */
const LOG_UNAVAILABLE = 'the server is currently unable to handle the request: the log cannot be read';

/** 405 of the router, which knows paths and methods but nothing of resources. */
export const methodNotAllowed = (message = 'the server does not allow this method on the requested resource') =>
  new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason: 'MethodNotAllowed', details: {}, code: 405 });

/** 414. Kubernetes has no reason for it: its server ends such a connection itself. */
export const urlTooLong = (limit: number) =>
  new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message: `the URL is longer than ${limit} characters`, code: 414 });

/** 501: Kubernetes serves this, and here it is not there yet. */
export const notImplemented = (message: string) =>
  new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason: 'NotImplemented', details: {}, code: 501 });

/** What Kubernetes answers for a path that is neither the API's nor one of its own: text, not a Status. */
export const pageNotFound = () =>
  new Response('404 page not found\n', { status: 404, headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' } });
