import { plus } from '../../instant.ts';
import { parseGoDuration } from '../../kube/go-duration.ts';
import { badRequest, StatusError, timeout } from '../../kube/status.ts';
import type { LocatedCall } from '../call.ts';
import type { RequestInfo } from '../request/request-info.ts';

/**
 * Ends a request in the time that its client gives it (`?timeout=5s`). What it was about to write may be written all the same, as after any lost answer.
 * Throws 400 for what is no duration, 504 when the time is over (apiserver/pkg/endpoints/filters/request_deadline.go, server/filters/timeout.go).
 */
export function deadline(call: LocatedCall, next: () => Promise<Response>): Promise<Response> | undefined {
  const given = call.query.get('timeout');
  if (!given || isLongRunning(call.info)) return undefined;
  const ms = parseGoDuration(given);
  if (ms === undefined) throw badRequest(`invalid timeout specified in the request URL - time: invalid duration ${JSON.stringify(given)}`);
  return ms > 0 && ms < LONGEST_MS ? within(ms, call, next) : undefined;
}

/** None is given more than a minute by kube-apiserver, which is longer than anything takes here: it needs no timer. */
const LONGEST_MS = 60_000;

/** What lasts for as long as its client wants (server/config.go, LongRunningFunc). */
const isLongRunning = (info: RequestInfo): boolean => info.type === 'resource' && (info.verb === 'watch' || STREAMS.has(info.subresource ?? ''));

const STREAMS: ReadonlySet<string> = new Set(['attach', 'exec', 'log', 'portforward', 'proxy']);

function within(ms: number, { api, request }: LocatedCall, next: () => Promise<Response>): Promise<Response> {
  const { clock } = api.env;
  return new Promise((resolve, reject) => {
    let late = false;
    const cancel = api.timer.at(plus(clock.elapsed(), ms), () => {
      late = true;
      reject(timeout('Timeout: request did not complete within the allotted timeout'));
    });
    next()
      .then(resolve, (error: unknown) => {
        reject(error);
        if (late && !(error instanceof StatusError)) api.problem(`${request.method} failed after its time was over`, error);
      })
      .finally(cancel);
  });
}
