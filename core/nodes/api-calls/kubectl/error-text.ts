import { StatusError } from '../../../kube/status.ts';
import { Failed } from '../outcome.ts';

/** An error in kubectl's words (pkg/cmd/util/helpers.go, checkErr), without the newline at its end. Rethrows what is none of its own. */
export function errorText(error: unknown): string {
  if (error instanceof Failed) return error.message;
  if (!(error instanceof StatusError)) throw error;
  const { reason, message, details = {} } = error.status;
  if (reason !== 'Invalid') return `Error from server${reason ? ` (${reason})` : ''}: ${message}`;
  const { kind, name, causes = [] } = details;
  const about = kind || name ? `The ${kind} "${name}" is invalid` : 'The request is invalid';
  const texts = causes.map((cause) => (cause.field ? `${cause.field}: ${cause.message}` : (cause.message ?? '')));
  if (texts.length === 0) return about;
  return texts.length === 1 ? `${about}: ${texts[0]}` : `${about}: \n${texts.map((text) => `* ${text}`).join('\n')}`;
}
