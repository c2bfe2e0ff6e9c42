import { methodNotAllowed } from '../answers/failures.ts';
import type { Call } from '../call.ts';
import { handlerOf } from '../discovery/routes.ts';
import { servePath } from '../paths/paths.ts';

/** Does what is asked, as far as that is reading; a write is decoded and left in `call.write` for the stages behind. */
export function act(call: Call): Response | undefined | Promise<Response | undefined> {
  if (call.info.type === 'path') return servePath(call);
  const handler = handlerOf(call);
  if (!handler) throw methodNotAllowed();
  return handler(call);
}
