import { Refused, Unreachable } from '../client/api-client.ts';
import { messageOf } from '../run-verb.ts';
import { NotAllowed } from './reach.ts';

/** What went wrong, in the words of the cluster, and what an agent may do next. */
export function refusalText(error: unknown): string {
  if (error instanceof NotAllowed) return `Not allowed: ${error.message}.`;
  if (error instanceof Unreachable) return `${error.message}.\nNext: ask the user to start the cluster (logplane up), then call this again.`;
  if (!(error instanceof Refused)) return messageOf(error);
  const { reason = 'Failure', code = 0, details } = error.status;
  const causes = (details?.causes ?? []).map(({ field, message }) => `  ${field ? `${field}: ` : ''}${message}`);
  const next = nextOf(reason, code);
  return [
    `${reason} (${code}): ${messageOf(error)}`,
    ...(causes.length > 1 ? [...causes.slice(0, MOST_CAUSES), ...(causes.length > MOST_CAUSES ? [`  and ${causes.length - MOST_CAUSES} more`] : [])] : []),
    ...(next ? [`Next: ${next}`] : []),
  ].join('\n');
}

const MOST_CAUSES = 20;

const nextOf = (reason: string, code: number): string | undefined => BY_REASON[reason] ?? BY_CODE[code];

/** By the reasons of Kubernetes' Statuses (API reference, "Status"). */
const BY_REASON: Readonly<Record<string, string>> = {
  NotFound: 'list shows what there is, and in which namespace; changes with the name tells whether it was deleted, and by whom.',
  Forbidden:
    "the kubeconfig's user may not do this, or a policy or quota is against it, as the message says. Retrying does not help: tell the user what is missing.",
  Invalid: 'correct the fields that are named, and try it with plan or dry_run: true first.',
  BadRequest: 'correct the input; the message says what of it is not understood.',
  AlreadyExists: 'get shows what is there; take another name, or apply over it.',
  Conflict: 'get shows the newest; leave out what belongs to others, or call again with force: true if the user wants it taken over.',
  Expired: 'that is older than what is kept: name a later offset or time, or begin the list again without continue.',
  Gone: 'that is older than what is kept: name a later offset or time.',
  RequestEntityTooLarge: 'apply fewer objects at once.',
  TooManyRequests: 'something holds it back, as the message says: wait, then call again.',
};

const BY_CODE: Readonly<Record<number, string>> = {
  400: BY_REASON['BadRequest']!,
  401: 'the credentials are not good: ask the user for a fresh kubeconfig (a local host writes it when it starts), then call this again.',
  403: BY_REASON['Forbidden']!,
  404: BY_REASON['NotFound']!,
  409: BY_REASON['Conflict']!,
  410: BY_REASON['Gone']!,
  422: BY_REASON['Invalid']!,
  429: BY_REASON['TooManyRequests']!,
  503: 'the cluster is busy or starting: call again in a moment.',
  504: 'it is not known whether it was done: look with changes before it is tried again.',
};
