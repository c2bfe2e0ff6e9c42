import { StatusError } from '../../kube/status.ts';
import { answerStatus } from '../answers/answers.ts';
import { statusOf } from '../answers/failures.ts';
import type { ReceivedCall } from '../call.ts';
import { type Negotiated, negotiate } from '../codec/negotiate.ts';

type Call = ReceivedCall & { path?: string; format?: Negotiated };

/** Answers whatever is thrown with a Status, in the form that was agreed on or the best that the client takes; bugs and failing storage are told to the host. */
export async function answerFailure(call: Call, next: () => Promise<Response>): Promise<Response> {
  try {
    return await next();
  } catch (error) {
    if (!(error instanceof StatusError)) call.api.problem(`${call.request.method} ${call.path ?? ''} failed`, error);
    return answerStatus(statusOf(error), { format: formatForFailure(call), warnings: call.warnings });
  }
}

function formatForFailure({ request, format }: Call): Negotiated {
  if (format) return { ...format, as: undefined };
  try {
    return {
      ...negotiate(request.headers.get('accept'), {
        as: ['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList', 'APIGroupDiscoveryList'],
      }),
      as: undefined,
    };
  } catch {
    // A client that takes nothing that we have still ought to learn why.
    return { mediaType: 'json', pretty: false };
  }
}
