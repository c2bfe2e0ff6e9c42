import type { Client } from '../client.ts';
import { Apart } from './apart.ts';
import { Autoscaled } from './autoscaled.ts';
import { Evictions } from './evictions.ts';
import { IndexedJobs } from './indexed-jobs.ts';
import { LostNodes } from './lost-nodes.ts';
import { Subscribed } from './subscribed.ts';
import { Undoing } from './undoing.ts';

/** What a client of a cluster may do again and again in place of the ordinary: each provokes what one of the control loops has to keep. */
export const operations = {
  apart: (client) => new Apart(client),
  evictions: (client) => new Evictions(client),
  indexedJobs: (client) => new IndexedJobs(client),
  lostNodes: (client) => new LostNodes(client),
  autoscaled: (client) => new Autoscaled(client),
  subscribed: (client) => new Subscribed(client),
  undoing: (client) => new Undoing(client),
} satisfies Record<string, (client: Client) => { next(): Promise<void> }>;

export type Operation = keyof typeof operations;
