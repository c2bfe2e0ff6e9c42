import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import dynalite from 'dynalite';
import { startFauxqs } from 'fauxqs';
import { policySetting } from '../../core/api/audit/policy-setting.ts';
import { createTable } from '../contract/dynamodb-table.ts';
import { throughGateway } from './api-gateway.ts';
import { type Bundle, bundleFunctions, type FunctionName, functionNames } from './bundles.ts';
import { type Call, startEndpoint } from './endpoint.ts';
import { pollQueue, TableStream } from './event-sources.ts';
import { Lambda } from './lambda.ts';

export interface AwsHostOptions {
  /** Whether the functions that write cannot wake the reconcilers themselves: only the relay is left. */
  readonly cutFastPath?: boolean;
  /** Whether the table has a stream; without it only the fast path is left. */
  readonly stream?: boolean;
  readonly nodes?: number;
  /** How long Events stay, as it is set when deploying. */
  readonly eventTtl?: string;
  /** Where Services are that webhooks are called by. */
  readonly webhookServices?: string;
  /** How fast time goes in the default cluster, as it is set when deploying. */
  readonly clockRate?: string;
  /** The origins whose pages may call, as it is set when deploying. */
  readonly corsOrigins?: string;
  /** A policy in YAML, as in the file that is named when deploying. */
  readonly auditPolicy?: string;
  /** How often a message is received before it is put aside. */
  readonly maxReceives?: number;
  readonly visibilitySeconds?: number;
  /** How long the stream collects records; a second when deployed. */
  readonly streamWindowMs?: number;
  /** What the secrets LogplaneToken and LogplaneSigningKey hold. */
  readonly tokens?: readonly string[];
  readonly signingKeys?: readonly string[];
}

/** What was asked of the services, with the function that asked: `controllers PutItem`. */
export type Counts = Readonly<Record<string, number>>;

export interface Usage {
  /** Requests of the functions and of their event sources to DynamoDB and SQS. */
  readonly requests: Counts;
  readonly readUnits: number;
  readonly writeUnits: number;
  readonly invocations: Readonly<Record<FunctionName, number>>;
  /** Memory of the functions for as long as their invocations took on this machine. */
  readonly gbSeconds: number;
}

export const TOKEN = 'an-administrators-token-for-tests';
export const SIGNING_KEY = Buffer.alloc(32, 'key').toString('base64');

const QUEUES = ['scheduler', 'controllers', 'nodes', 'clusters', 'subscriptions'] as const;
const MEMORY_MB: Record<FunctionName, number> = {
  api: 1024,
  scheduler: 1769,
  controllers: 1769,
  nodes: 1769,
  subscriptions: 1769,
  clusters: 1769,
  timers: 256,
  relay: 256,
  resync: 256,
};

let bundles: Promise<Record<FunctionName, Bundle>> | undefined;

/** The functions' bundles, made once for all hosts of a process. */
export const functionBundles = () => (bundles ??= bundleFunctions());

/** What `infra/` describes, on doubles of the services: the functions' bundles in containers, a table with a stream, queues, a REST API. */
export async function startAwsHost(options: AwsHostOptions = {}) {
  const {
    cutFastPath = false,
    stream = true,
    nodes = 3,
    maxReceives = 8,
    visibilitySeconds = 360,
    eventTtl,
    webhookServices,
    clockRate,
    corsOrigins,
    auditPolicy,
    streamWindowMs = 50,
    tokens = [TOKEN],
    signingKeys = [SIGNING_KEY],
  } = options;
  const built = await functionBundles();
  const stop = new AbortController();
  const calls: Call[] = [];
  const noUsage = () => ({ requests: {} as Record<string, number>, readUnits: 0, writeUnits: 0 });
  let usage = noUsage();
  let tableStream: TableStream | undefined;

  const observe = (call: Call) => {
    calls.push(call);
    const name = `${call.caller} ${call.operation}`;
    usage.requests[name] = (usage.requests[name] ?? 0) + 1;
  };
  const throttled = { table: false };
  const refuse = ({ caller, operation, input }: Pick<Call, 'caller' | 'operation' | 'input'>) =>
    cutFastPath && !['relay', 'timers', 'resync'].includes(caller) && operation === 'SendMessageBatch' && input.QueueUrl.endsWith('.fifo');

  const table = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve) => table.listen(0, '127.0.0.1', () => resolve()));
  const dynamodb = await startEndpoint({
    target: (table.address() as AddressInfo).port,
    refuse: ({ caller }) => throttled.table && caller !== 'test',
    observe: (call) => {
      if (call.operation === 'PutItem' && call.status === 200) tableStream?.put(call.input.Item);
      if (call.caller === 'test') return;
      observe(call);
      const units = call.output?.ConsumedCapacity?.CapacityUnits ?? 0;
      // A look that finds nothing is a unit of DynamoDB, and none of its double.
      if (call.operation === 'GetItem' || call.operation === 'Query') usage.readUnits += Math.max(units, 1);
      else usage.writeUnits += units;
    },
  });

  const fauxqs = await startFauxqs({ port: 0, logger: false });
  const sqs = await startEndpoint({ target: fauxqs.port, refuse, observe });
  const dead = fauxqs.createQueue('dead-wakeups.fifo', { attributes: { FifoQueue: 'true' } });
  const deadLetters = fauxqs.createQueue('dead-letters');
  const queue = (name: string, attributes: Record<string, string>, deadLetterTargetArn: string) => {
    const redrive = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: maxReceives });
    fauxqs.createQueue(name, { attributes: { ...attributes, VisibilityTimeout: String(visibilitySeconds), RedrivePolicy: redrive } });
    return `http://127.0.0.1:${sqs.port}/000000000000/${name}`;
  };
  const fifo = { FifoQueue: 'true', DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' };
  const urls = {
    ...(Object.fromEntries(QUEUES.map((name) => [name, queue(`${name}.fifo`, fifo, dead.queueArn)])) as Record<(typeof QUEUES)[number], string>),
    delayed: queue('delayed', {}, deadLetters.queueArn),
  };

  const credentials = (caller: string) => ({ accessKeyId: caller, secretAccessKey: 'secret' });
  const client = new DynamoDBClient({ region: 'eu-west-1', endpoint: `http://127.0.0.1:${dynamodb.port}`, credentials: credentials('test') });
  await createTable({ client, table: 'log' });

  const lambdas = Object.fromEntries(
    functionNames.map((name) => {
      const environment = {
        AWS_REGION: 'eu-west-1',
        LAMBDA_TASK_ROOT: path.dirname(built[name].file),
        AWS_ACCESS_KEY_ID: name,
        AWS_SECRET_ACCESS_KEY: 'secret',
        AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${dynamodb.port}`,
        AWS_ENDPOINT_URL_SQS: `http://127.0.0.1:${sqs.port}`,
        SST_RESOURCE_App: JSON.stringify({ name: 'logplane', stage: 'test' }),
        SST_RESOURCE_Places: JSON.stringify({ table: 'log', ...urls }),
        LOGPLANE_NODES: String(nodes),
        LOGPLANE_MAX_RECEIVES: String(maxReceives),
        ...(eventTtl && { LOGPLANE_EVENT_TTL: eventTtl }),
        ...(webhookServices && { LOGPLANE_WEBHOOK_SERVICES: webhookServices }),
        ...(name === 'api' && {
          ...(clockRate && { LOGPLANE_CLOCK_RATE: clockRate }),
          ...(corsOrigins && { LOGPLANE_CORS_ALLOWED_ORIGINS: corsOrigins }),
          ...(auditPolicy && { LOGPLANE_AUDIT_POLICY: policySetting(auditPolicy) }),
          SST_RESOURCE_LogplaneToken: JSON.stringify({ value: tokens.join(' ') }),
        }),
        ...((name === 'api' || name === 'controllers') && { SST_RESOURCE_LogplaneSigningKey: JSON.stringify({ value: signingKeys.join(' ') }) }),
      };
      return [name, new Lambda({ name, file: built[name].file, environment, memoryMb: MEMORY_MB[name] })];
    }),
  ) as Record<FunctionName, Lambda>;
  if (stream) tableStream = new TableStream({ lambda: lambdas.relay, windowMs: streamWindowMs, signal: stop.signal });

  const sources = [...QUEUES, 'delayed' as const].map((name) => {
    const lambda = name === 'delayed' ? lambdas.timers : lambdas[name];
    const region = { region: 'eu-west-1', endpoint: `http://127.0.0.1:${sqs.port}` };
    const poller = new SQSClient({ ...region, credentials: credentials(`${lambda.name}-source`) });
    const queueName = urls[name].split('/').at(-1)!;
    return Array.from({ length: POLLERS }, () => pollQueue({ client: poller, url: urls[name], name: queueName, lambda, signal: stop.signal }));
  });

  const quiet = () =>
    (tableStream?.idle ?? true) &&
    [...QUEUES.map((name) => `${name}.fifo`), 'delayed'].every((name) => {
      const { ready, inflight } = fauxqs.inspectQueue(name)!.messages;
      return ready.length + inflight.length === 0;
    });

  return {
    lambdas,
    bundles: built,
    client,
    fauxqs,
    urls,
    /** Everything that was asked of the services since the start. */
    calls: calls as readonly Call[],
    /** While `table` is true, DynamoDB takes no request of a function. */
    throttled,
    /** What all functions logged: what they take for a problem. */
    logs: () => Object.values(lambdas).reduce((text, { log }) => text + log, ''),
    /** A request to the REST API, its target sent as it is, with the administrators' token unless it has another (or an empty one: none). */
    fetch(target: string, { headers, ...init }: RequestInit = {}): Promise<Response> {
      const request = new Request('https://api.test', { ...init, headers: { authorization: `Bearer ${TOKEN}`, ...headers } });
      if (request.headers.get('authorization') === '') request.headers.delete('authorization');
      return throughGateway(lambdas.api, target, request);
    },
    /** What was used since the last call, or the start. */
    takeUsage(): Usage {
      const taken = usage;
      usage = noUsage();
      const functions = functionNames.map((name) => lambdas[name]);
      const invocations = Object.fromEntries(functions.map((lambda) => [lambda.name, lambda.invocations])) as Usage['invocations'];
      const gbSeconds = functions.reduce((sum, lambda) => sum + lambda.gbSeconds, 0);
      for (const lambda of functions) Object.assign(lambda, { invocations: 0, gbSeconds: 0 });
      return { ...taken, invocations, gbSeconds };
    },
    /** Resolves when nothing is on its way but timers. */
    async quiet(): Promise<void> {
      while (!quiet()) await sleep(20);
    },
    async close(): Promise<void> {
      stop.abort();
      await Promise.allSettled(sources.flat());
      await Promise.all(Object.values(lambdas).map((lambda) => lambda.recycle()));
      client.destroy();
      await Promise.all([dynamodb.close(), sqs.close()]);
      await fauxqs.stop();
      await new Promise<void>((resolve) => table.close(() => resolve()));
    },
  };
}

export type AwsHost = Awaited<ReturnType<typeof startAwsHost>>;

/** How many polls a queue's event source has open: Lambda begins with five. */
const POLLERS = 2;
