import { cut, SHOWN } from './bounded-text.ts';

/** The failures that a client of Kubernetes expects, as `Status` objects (API conventions, "Response Status Kind"). */

export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: { continue?: string; remainingItemCount?: number };
  status: 'Success' | 'Failure';
  message?: string;
  reason?: string;
  details?: StatusDetails;
  code: number;
}

interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

/**
 * An expected failure: thrown anywhere below the API, answered to the client as its Status. A bug is any other Error.
 * Its texts are bounded, however long what they quote.
 */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly status: Status;
  /** What its client is warned of besides, which had been found before. */
  warnings: readonly string[] = [];
  constructor(status: Status) {
    const limited = bounded(status);
    super(limited.message);
    this.status = limited;
  }
  get code(): number {
    return this.status.code;
  }
}

/** How long a message may be, in characters, and how many causes follow it: what they say stands in the message too. */
const MESSAGE = 64 * 1024;
const CAUSES = 100;

function bounded(status: Status): Status {
  const { message, details } = status;
  return { ...status, ...(message !== undefined && { message: cut(message, MESSAGE) }), ...(details && { details: boundedDetails(details) }) };
}

/** What is empty is left out (`omitempty`): the name of an object that has none yet, the kind of an unnamed one. */
function boundedDetails({ name, group, kind, causes, ...rest }: StatusDetails): StatusDetails {
  return {
    ...(name && { name: cut(name) }),
    ...(group && { group }),
    ...(kind && { kind }),
    ...rest,
    ...(causes && { causes: causes.slice(0, CAUSES) }),
  };
}

/** One thing wrong with an object, in the words of apimachinery's `field.Error` (`message` is its ErrorBody). */
export interface FieldError {
  reason:
    | 'FieldValueRequired'
    | 'FieldValueDuplicate'
    | 'FieldValueInvalid'
    | 'FieldValueForbidden'
    | 'FieldValueNotFound'
    | 'FieldValueNotSupported'
    | 'FieldValueTooLong'
    | 'FieldValueTooMany'
    | 'FieldValueTypeInvalid'
    | 'InternalError';
  /** `spec.containers[0].image` */
  field: string;
  /** `Required value`, `Invalid value: "x": must be …` */
  message: string;
}

/** Which resource a Status speaks of: `{ group: 'apps', resource: 'deployments' }`, printed `deployments.apps`. */
export interface Qualified {
  group: string;
  resource: string;
}

const qualified = ({ group, resource }: Qualified) => (group ? `${resource}.${group}` : resource);

function failure(code: number, reason: string, message: string, details?: StatusDetails): StatusError {
  return new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, ...(details && { details }), code });
}

const detailsOf = (of: Qualified, name?: string): StatusDetails => ({
  ...(name !== undefined && { name }),
  ...(of.group && { group: of.group }),
  kind: of.resource,
});

export const notFound = (of: Qualified, name: string) => failure(404, 'NotFound', `${qualified(of)} "${name}" not found`, detailsOf(of, name));

/** A metric of an object that nothing measures (custom-metrics-apiserver's provider, NewMetricNotFoundForError). */
export const metricNotFound = (metric: string, of: Qualified, name: string) =>
  failure(404, 'NotFound', `the server could not find the metric ${metric} for ${qualified(of)} ${name}`);

/** A kind that nothing serves (meta.NoKindMatchError). */
export const noMatch = ({ apiVersion, kind }: { apiVersion: string; kind: string }) =>
  failure(404, 'NotFound', `no matches for kind "${cut(kind)}" in version "${cut(apiVersion)}"`);

export const alreadyExists = (of: Qualified, name: string) => failure(409, 'AlreadyExists', `${qualified(of)} "${name}" already exists`, detailsOf(of, name));

export const conflict = (of: Qualified, name: string, why: string) =>
  failure(409, 'Conflict', `Operation cannot be fulfilled on ${qualified(of)} "${name}": ${why}`, detailsOf(of, name));

/** The object changed since the resourceVersion that the client named. */
export const modifiedConflict = (of: Qualified, name: string) =>
  conflict(of, name, 'the object has been modified; please apply your changes to the latest version and try again');

/** 422: the object is well-formed but breaks the rules of its kind. `of` names the group and the *kind*, as Kubernetes prints it; one that is to be given a name has none yet. */
export function invalid(of: { group: string; kind: string }, name: string | undefined, errors: readonly FieldError[]): StatusError {
  // k8s.io/apimachinery/pkg/api/errors NewInvalid.
  const { texts, causes } = summaryOf(errors);
  return failure(
    422,
    'Invalid',
    `${of.group ? `${of.kind}.${of.group}` : of.kind} "${cut(name ?? '')}" is invalid${texts.length ? `: ${listed(texts)}` : ''}`,
    {
      ...(name && { name }),
      ...(of.group && { group: of.group }),
      kind: of.kind,
      causes,
    },
  );
}

/** Errors as one text (ErrorList.ToAggregate). */
export const aggregate = (errors: readonly FieldError[]): string => listed(summaryOf(errors).texts);

/** Errors that name no field as one text, without repeats (utilerrors.NewAggregate). */
export const aggregateTexts = (errors: readonly string[]): string => listed([...new Set(errors)]);

/** One stands bare, several in brackets. */
const listed = (texts: readonly string[]) => (texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`);

/** How many characters of errors a Status holds. Kubernetes has no limit; its answers have a few thousand in practice. */
const ERRORS = 2 * SHOWN;

/** The errors as texts, without repeats (ToAggregate drops them), and as causes. Only as many become text as the Status holds. */
function summaryOf(errors: readonly FieldError[]): { texts: string[]; causes: StatusCause[] } {
  const texts = new Set<string>();
  const causes: StatusCause[] = [];
  let length = 0;
  for (const [i, { reason, field: path, message: text }] of errors.entries()) {
    const [field, message] = [cut(path), cut(text)];
    causes.push({ reason, message, field });
    texts.add(`${field}: ${message}`);
    length += field.length + message.length;
    if (length > ERRORS && i < errors.length - 1) {
      texts.add(`... and ${errors.length - 1 - i} more`);
      break;
    }
  }
  return { texts: [...texts], causes };
}

export const badRequest = (message: string) => failure(400, 'BadRequest', message);

export const unauthorized = () => failure(401, 'Unauthorized', 'Unauthorized');

export const forbidden = (of: Qualified, name: string, why: string) =>
  failure(
    403,
    'Forbidden',
    name ? `${qualified(of)} "${name}" is forbidden: ${why}` : `${qualified(of)} is forbidden: ${why}`,
    detailsOf(of, name || undefined),
  );

export const methodNotSupported = (of: Qualified, action: string) =>
  failure(405, 'MethodNotAllowed', `${action} is not supported on resources of kind "${qualified(of)}"`, detailsOf(of));

export const notAcceptable = (message: string) => failure(406, 'NotAcceptable', message);

export const unsupportedMediaType = (message: string) => failure(415, 'UnsupportedMediaType', message);

export const requestTooLarge = (message: string) => failure(413, 'RequestEntityTooLarge', message);

/** 410: the client must relist (API concepts, "Efficient detection of changes"). */
export const expired = (message: string) => failure(410, 'Expired', message);

export const tooManyRequests = (message: string, retryAfterSeconds?: number) =>
  failure(429, 'TooManyRequests', message, retryAfterSeconds === undefined ? undefined : { retryAfterSeconds });

export const timeout = (message: string, retryAfterSeconds?: number) =>
  failure(504, 'Timeout', message, retryAfterSeconds === undefined ? undefined : { retryAfterSeconds });

/** 503: nothing came of the request, and the same one may be answered in a moment. */
export const serviceUnavailable = (message: string, retryAfterSeconds = 1) => failure(503, 'ServiceUnavailable', message, { retryAfterSeconds });

/** What Kubernetes answers for a path that nothing serves. */
export const unknownPath = () => failure(404, 'NotFound', 'the server could not find the requested resource', {});

/** What in Kubernetes is an error without a Status, of its storage or a plugin, and is passed on as it is: 500, no reason. */
export const plainError = (message: string) => new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code: 500 });

/** A bug or a broken dependency; the message is for the client and says nothing of the inside. */
export const internalError = (message: string) => failure(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
