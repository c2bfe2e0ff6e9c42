import { pageNotFound, urlTooLong } from '../answers/failures.ts';
import type { ReceivedCall } from '../call.ts';
import { type Location, locate as locateTarget } from '../request/url.ts';

/** Reads the URL: which cluster it names, as of when, and the path in it. Throws 414 and what `request/url.ts` throws. */
export function locate({ api, sent, defaultCluster }: ReceivedCall): Location | Response {
  if (sent.length > api.limits.urlLength) throw urlTooLong(api.limits.urlLength);
  return locateTarget(sent, defaultCluster) ?? pageNotFound();
}
