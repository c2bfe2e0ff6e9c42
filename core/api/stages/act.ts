import type { Call } from '../call.ts';
import { methodNotAllowed } from '../failures.ts';
import { servePath } from '../paths.ts';
import { handlerOf } from '../routes.ts';

/** Does what is asked, as far as that is reading; a write is decoded and left in `call.write` for the stages behind. */
export function act(call: Call): Response | undefined | Promise<Response | undefined> {
  if (call.info.type === 'path') return servePath(call);
  const handler = handlerOf(call);
  if (!handler) throw methodNotAllowed();
  return handler(call);
}
