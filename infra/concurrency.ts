import { settings } from './settings.ts';

/**
 * How many executions of each function there are at most, which no other function of the account can take: without, a thousand watches or a flood of requests
 * would use up what the account has, and every cluster's reconcilers would stand still. An account must have a hundred more than all of them together.
 */
export const concurrency = {
  // A watch holds one for as long as it lasts. The dearest function, so its number is also what bounds the bill.
  api: settings.apiConcurrency,
  // Each takes wake-ups of as many clusters at once; a run is a second or less.
  scheduler: 20,
  controllers: 20,
  nodes: 20,
  // A run lasts as long as the slowest subscriber of a cluster, half a minute at most.
  subscriptions: 10,
  // One cluster, which all others are objects of, wakes it: it never runs twice at once.
  clusters: 2,
  // Ten timers take a tenth of a second.
  timers: 5,
  // A new table's stream has up to four shards, and the relay takes four batches of each at once.
  relay: 16,
  // Two that wake every cluster at once are one too many.
  resync: 1,
} as const;

export type FunctionKey = keyof typeof concurrency;

/** For a function: what is reserved for it. Nothing in an account that has too few executions. */
export const reservedFor = (name: FunctionKey) => (settings.reserveConcurrency ? { reserved: concurrency[name] } : undefined);

/**
 * For a queue's event source. It must not try for more than the function has: a message that is refused for that counts as received, and ends among the dead ones
 * (AWS Lambda Developer Guide, "Configuring maximum concurrency for Amazon SQS event sources").
 */
export const scalingFor = (name: FunctionKey) => ({ maximumConcurrency: settings.reserveConcurrency ? concurrency[name] : LEAST });

/** What Lambda takes at least: all queues together fit into the ten executions of a new account, as only one of `clusters` runs at a time. */
const LEAST = 2;
