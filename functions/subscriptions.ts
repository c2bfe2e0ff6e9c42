import { systemEnv } from '../core/env.ts';
import { targetsOf } from '../core/subscriptions/targets/targets.ts';
import { subscriptionsWorker } from '../core/subscriptions/worker.ts';
import { work } from './work.ts';

/** Tells subscribers of changes. */
export const handler = work({ worker: subscriptionsWorker(async () => targetsOf({ clock: systemEnv.clock, allowsPrivate: false })) });
