import { isLongRunning } from '../answers/long-running.ts';
import type { ReadCall } from '../call.ts';

/** Holds a slot for a watch, and counts it, until its stream is over. Throws 429 when the user has their share of the watches that are served already. */
export const longRunning = (call: ReadCall, next: () => Promise<Response>): Promise<Response> | undefined =>
  call.info.verb === 'watch' ? watching(call, next) : undefined;

async function watching({ api, info, user, cluster }: ReadCall, next: () => Promise<Response>): Promise<Response> {
  const release = api.watchSlots.take(`${user.username} ${cluster}`);
  const uncount = api.metrics.watch(info);
  const end = () => {
    release();
    uncount();
  };
  try {
    const response = await next();
    if (isLongRunning(response)) void response.over.then(end);
    else end();
    return response;
  } catch (error) {
    end();
    throw error;
  }
}
