import { methodNotAllowed } from '../answers/failures.ts';
import type { WriteCall } from '../call.ts';
import { handlerOf } from '../handlers.ts';
import type { Write } from '../write.ts';

/** Does what is asked, as far as that is reading; a write is decoded, for the stages behind. */
export function handler(call: WriteCall): { write: Write } | Response | Promise<Response> {
  const handle = handlerOf(call);
  if (!handle) throw methodNotAllowed();
  const outcome = handle(call);
  return 'plan' in outcome ? { write: outcome } : outcome;
}
