import type { AuthorizedCall } from '../call.ts';
import { servePath } from '../paths/paths.ts';
import type { ResourceRequest } from '../request/request-info.ts';

/** Answers what is asked of no resource: discovery, OpenAPI, metrics. Behind it all is about resources. */
export function paths(call: AuthorizedCall): { info: ResourceRequest } | Promise<Response> {
  const { info } = call;
  return info.type === 'path' ? servePath(call) : { info };
}
