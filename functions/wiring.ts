/// <reference path="../sst-env.d.ts" />
import { hkdfSync } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { Resource } from 'sst';
import { type Env, systemEnv } from '../core/env.ts';
import { dynamodbLog } from '../core/log/dynamodb.ts';
import type { EventLog } from '../core/log/log.ts';
import { SqsQueues } from '../core/reconcile/sqs-queues.ts';
import { sqsWakeups } from '../core/reconcile/sqs-wakeups.ts';
import type { Wakeups } from '../core/reconcile/wakeups.ts';

/** What the functions are made of. Only this file knows where it comes from: what SST links, and the environment. */
export interface Wiring {
  readonly env: Env;
  readonly log: EventLog;
  readonly queues: SqsQueues;
  /** The queues for writers, who go on when a wake-up does not go out. */
  readonly wakeups: Wakeups;
  /** The cluster that the root path shows, and that is made if there is none. */
  readonly defaultCluster: string;
  /** How many nodes a new cluster gets. */
  readonly nodes: number;
  /** Told of what goes wrong inside: bugs and failing services, never what a client did wrong. */
  readonly problem: (message: string, error: unknown) => void;
}

/**
 * Put together once for a container, before its first invocation. `writer`: the reconciler that the function runs, if any. The clients do not
 * retry: the adapters do.
 */
export function wire({ writer }: { writer?: string } = {}): Wiring {
  const env = systemEnv;
  const { table, scheduler, controllers, nodes, delayed } = Resource.Places;
  const problem = (message: string, error: unknown) => console.error(message, error);
  const queues = new SqsQueues({ client: new SQSClient({ maxAttempts: 1 }), env, wakeups: { scheduler, controllers, nodes }, delayed });
  return {
    env,
    log: dynamodbLog({ client: new DynamoDBClient({ maxAttempts: 1 }), table, env }),
    queues,
    wakeups: sqsWakeups({ queues, writer, lost: (error) => problem('a wake-up was not sent', error) }),
    defaultCluster: process.env['LOGPLANE_CLUSTER'] ?? 'default',
    nodes: Number(process.env['LOGPLANE_NODES'] ?? 3),
    problem,
  };
}

/**
 * The administrators' token and, made from it, the key that service accounts' tokens are signed with: who changes the one makes the others void.
 * Throws when there is none that is worth the name, so that nothing is served.
 */
export function secrets(): { token: string; signingKey: Uint8Array } {
  const token = Resource.LogplaneToken.value.trim();
  if (token.length < MIN_TOKEN) throw new Error(`the secret LogplaneToken needs at least ${MIN_TOKEN} characters`);
  return { token, signingKey: new Uint8Array(hkdfSync('sha256', token, '', 'logplane service account tokens', 32)) };
}

const MIN_TOKEN = 20;
