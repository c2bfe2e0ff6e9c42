import type { Checker } from './checker.ts';

/**
 * Once nothing fails any more, nothing fails: what is asked for a minute later is answered, soon, and not with an error of the server's. (That informers
 * catch up is the business of `watches, complete`; that all is done that was asked for, of `desired state`; and a run whose queues do not come to
 * rest says so itself.)
 */
export const progress: Checker = {
  name: 'progress',
  *check({ cluster, history }) {
    const settled = history.calmSince + SETTLING_MS;
    for (const { method, path, asked, answered, code, body, ...exchange } of history.exchanges) {
      if (exchange.cluster !== cluster || asked < settled) continue;
      const what = `${method} ${path}, asked ${seconds(asked - history.calmSince)} after the last fault,`;
      if (code === undefined) yield `${what} was not answered`;
      else if (code >= 500 || code === 429) yield `${what} was answered with ${code}: ${body?.message}`;
      else if (answered - asked > SOON_MS) yield `${what} was answered after ${seconds(answered - asked)}`;
    }
  },
};

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;

/** Requests to the table that were under way are over, and processes that stood still go on. */
const SETTLING_MS = 60_000;
const SOON_MS = 10_000;
