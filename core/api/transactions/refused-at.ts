import { StatusError } from '../../kube/status.ts';

/** A refusal of a part of what a request asks for, with which part that is: `spec.steps[2]: pods "a" not found`. Its reason, code and details stay those of the part. */
export function refusedAt(part: string, error: unknown): unknown {
  if (!(error instanceof StatusError)) return error;
  const { status, warnings } = error;
  const { message, details } = status;
  const causes = details?.causes?.map((cause) => (cause.field ? { ...cause, field: `${part}.${cause.field.replace(/^\./, '')}` } : cause));
  const named = new StatusError({ ...status, message: `${part}: ${message}`, ...(details && { details: { ...details, ...(causes && { causes }) } }) });
  named.warnings = warnings;
  return named;
}
