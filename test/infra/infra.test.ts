import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type FunctionName, functionNames } from '../aws/bundles.ts';
import { createTable } from '../contract/dynamodb-table.ts';
import { grants } from './grants.ts';

const root = path.resolve(import.meta.dirname, '../..');

interface Resource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: the inputs of any resource
  readonly inputs: any;
  readonly retainOnDelete: boolean;
  readonly protect: boolean;
}

/** What a deployment would consist of. */
class Graph {
  readonly app: { readonly protect: boolean; readonly providers: { readonly aws: { readonly version: string } } };
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly functions: readonly { readonly handler: string; readonly links: Readonly<Record<string, object>> }[];
  readonly resources: readonly Resource[];

  constructor(stage: string) {
    const out = path.join(mkdtempSync(path.join(tmpdir(), 'logplane-infra-')), 'graph.json');
    execFileSync(process.execPath, [path.join(root, 'test/infra/synth.mjs'), stage, out], { stdio: ['ignore', 'inherit', 'pipe'] });
    const { app, outputs, functions, resources } = JSON.parse(readFileSync(out, 'utf8'));
    this.app = app;
    this.outputs = outputs;
    this.functions = functions;
    this.resources = resources;
  }

  all(type: string): Resource[] {
    return this.resources.filter((resource) => resource.type === type);
  }

  single(type: string): Resource {
    const found = this.all(type);
    expect(found).toHaveLength(1);
    return found[0]!;
  }

  lambda(name: FunctionName): Resource {
    return this.all(LAMBDA).find(({ inputs }) => inputs.handler === `functions/${name}.handler`)!;
  }

  queue(name: string): Resource {
    return this.all(QUEUE).find((resource) => resource.name === `${name}Queue`)!;
  }

  role(name: FunctionName): Resource {
    return this.all('aws:iam/role:Role').find(({ inputs }) => this.lambda(name).inputs.role.endsWith(`role/${inputs.name}`))!;
  }

  /** The statements of a function's role. */
  policy(name: FunctionName): Statement[] {
    return this.role(name).inputs.inlinePolicies.flatMap(({ policy }: { policy: string }) => (JSON.parse(policy) as { Statement: Statement[] }).Statement);
  }

  /** What subscribes a function to a queue or stream. */
  sourceOf(name: FunctionName): Resource {
    return this.all(SOURCE).find(({ inputs }) => inputs.functionName.endsWith(`:${this.lambda(name).inputs.name}`))!;
  }
}

interface Statement {
  readonly Effect: string;
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

const LAMBDA = 'aws:lambda/function:Function';
const QUEUE = 'aws:sqs/queue:Queue';
const SOURCE = 'aws:lambda/eventSourceMapping:EventSourceMapping';
const consumers = ['scheduler', 'controllers', 'nodes', 'timers'] as const;

let graph: Graph;
let production: Graph;
beforeAll(() => {
  execFileSync(process.execPath, [path.join(root, 'scripts/sst-platform.mjs')], { stdio: 'inherit' });
  graph = new Graph('test');
  production = new Graph('production');
}, 300_000);

it('is well typed', () => {
  execFileSync(path.join(root, 'node_modules/.bin/tsc'), ['-p', path.join(root, 'infra')], { stdio: 'inherit' });
});

it('declares what SST links, by the names and properties that it has', () => {
  const text = readFileSync(path.join(root, 'sst-env.d.ts'), 'utf8');
  const declared = [...text.matchAll(/^ {4}"(\w+)": \{([^}]*)\}/gm)].map(([, name, body]) => [
    name,
    [...body!.matchAll(/"(\w+)": string$/gm)].map(([, property]) => property),
  ]);
  const linked = graph.all('sst:sst:LinkRef').map(({ name, inputs }) => [name.replace(/LinkRef$/, ''), Object.keys(inputs.properties).sort()]);
  expect(Object.fromEntries(declared)).toEqual(Object.fromEntries(linked));
});

it('pins the provider', () => {
  expect(graph.app.providers.aws.version).toMatch(/^\d+\.\d+\.\d+$/);
});

describe('the functions', () => {
  it('are all deployed, on arm64 and Node 24', () => {
    expect(graph.functions.map(({ handler }) => handler).sort()).toEqual(functionNames.map((name) => `functions/${name}.handler`).sort());
    for (const { inputs } of graph.all(LAMBDA))
      expect(inputs).toMatchObject({ runtime: 'nodejs24.x', architectures: ['arm64'], loggingConfig: { logFormat: 'JSON' } });
  });

  it.each(functionNames)('%s may do what it needs and nothing else', (name) => {
    const granted = graph.policy(name).flatMap(permissionsOf);
    expect(granted.sort()).toEqual([...grants[name]].sort());
  });

  it('have roles that only Lambda takes on, and log', () => {
    for (const name of functionNames) {
      const { assumeRolePolicy, managedPolicyArns } = graph.role(name).inputs;
      expect(assumeRolePolicy.Statement).toMatchObject([{ Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }]);
      expect(managedPolicyArns).toEqual(['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole']);
    }
  });

  it('are not open to the internet but through the API', () => {
    expect(graph.all('aws:lambda/functionUrl:FunctionUrl')).toEqual([]);
    for (const { inputs } of graph.all('aws:lambda/permission:Permission')) {
      expect(inputs).toMatchObject({ principal: 'apigateway.amazonaws.com', sourceArn: expect.stringContaining(':execute-api:') });
      expect(inputs.function).toContain(graph.lambda('api').inputs.name);
    }
  });

  it('get the token where it is asked for, and nowhere else', () => {
    const told = graph.functions.filter(({ links }) => 'LogplaneToken' in links).map(({ handler }) => handler);
    expect(told).toEqual(['functions/api.handler']);
    for (const { inputs } of graph.all(LAMBDA)) expect(JSON.stringify(inputs.environment)).not.toContain('a-token-for-the-synthesis-of-tests');
  });
});

describe('the API', () => {
  const methods = () => graph.all('aws:apigateway/method:Method');
  const integrations = () => graph.all('aws:apigateway/integration:Integration');

  it('gives every method of every path to the function that asks for the token', () => {
    const { inputs } = graph.lambda('api');
    expect(methods().map((method) => method.inputs.httpMethod)).toEqual(['ANY', 'ANY']);
    expect(graph.all('aws:apigateway/resource:Resource').map((resource) => resource.inputs.pathPart)).toEqual(['{proxy+}']);
    expect(integrations().map((integration) => integration.inputs.resourceId)).toEqual(methods().map((method) => method.inputs.resourceId));
    for (const integration of integrations()) {
      expect(integration.inputs.type).toBe('AWS_PROXY');
      expect(integration.inputs.uri).toContain(`:${inputs.name}/`);
    }
  });

  it('streams for a quarter of an hour', () => {
    expect(graph.lambda('api').inputs.timeout).toBe(900);
    for (const { inputs } of integrations()) {
      expect(inputs).toMatchObject({ responseTransferMode: 'STREAM', timeoutMilliseconds: 900_000 });
      expect(inputs.uri).toMatch(/\/2021-11-15\/.*\/response-streaming-invocations$/);
    }
  });

  it('passes bodies on as they are, from a regional endpoint (where streams may be silent for five minutes)', () => {
    expect(graph.single('aws:apigateway/restApi:RestApi').inputs).toMatchObject({ binaryMediaTypes: ['*/*'], endpointConfiguration: { types: 'REGIONAL' } });
  });

  it('is told of as the server of a kubeconfig', () => {
    expect(graph.outputs['server']).toMatch(/^https:\/\/.*\.execute-api\.eu-west-1\.amazonaws\.com\/test\/$/);
  });
});

describe('the table', () => {
  it('has the keys, stream and billing of the one that the adapter is tested on', async () => {
    const { inputs } = graph.single('aws:dynamodb/table:Table');
    const tested = await tableOfTheContract();
    expect(inputs.attributes).toEqual(tested.AttributeDefinitions.map(({ AttributeName, AttributeType }) => ({ name: AttributeName, type: AttributeType })));
    expect([inputs.hashKey, inputs.rangeKey]).toEqual(tested.KeySchema.map(({ AttributeName }) => AttributeName));
    expect(inputs.billingMode).toBe(tested.BillingMode);
    expect([inputs.streamEnabled, inputs.streamViewType]).toEqual([true, tested.StreamSpecification.StreamViewType]);
  });

  it('can be restored to any point in time', () => {
    expect(graph.single('aws:dynamodb/table:Table').inputs.pointInTimeRecovery).toEqual({ enabled: true });
  });

  it('stays in production, whatever happens to the deployment', () => {
    const table = production.single('aws:dynamodb/table:Table');
    expect([production.app.protect, table.retainOnDelete, table.inputs.deletionProtectionEnabled]).toEqual([true, true, true]);
  });

  it('goes with any other deployment', () => {
    const table = graph.single('aws:dynamodb/table:Table');
    expect([graph.app.protect, table.retainOnDelete, table.inputs.deletionProtectionEnabled]).toEqual([false, false, false]);
  });
});

describe('the queues', () => {
  it.each(['SchedulerWakeups', 'ControllersWakeups', 'NodesWakeups'])('%s is FIFO with groups that do not wait for one another', (name) => {
    expect(graph.queue(name).inputs).toMatchObject({
      fifoQueue: true,
      contentBasedDeduplication: false,
      deduplicationScope: 'messageGroup',
      fifoThroughputLimit: 'perMessageGroupId',
    });
  });

  it('DelayedWakeups is not, as its messages have delays of their own', () => {
    expect(graph.queue('DelayedWakeups').inputs.fifoQueue).toBe(false);
  });

  it.each(consumers)('hide a message from %s for six times as long as it may take', (name) => {
    expect(queueOf(name).inputs.visibilityTimeoutSeconds).toBe(6 * graph.lambda(name).inputs.timeout);
  });

  it.each(consumers)('put aside what %s fails on, for two weeks', (name) => {
    const queue = queueOf(name);
    const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(queue.inputs.redrivePolicy);
    const dead = graph.all(QUEUE).find(({ inputs }) => deadLetterTargetArn.endsWith(`:${inputs.name}`))!;
    expect(dead.inputs).toMatchObject({ fifoQueue: queue.inputs.fifoQueue, messageRetentionSeconds: 1_209_600 });
    expect(maxReceiveCount).toBeGreaterThanOrEqual(5);
    // AWS Lambda Developer Guide: FIFO queues know no batching window.
    expect(graph.sourceOf(name).inputs).toMatchObject({ functionResponseTypes: ['ReportBatchItemFailures'], maximumBatchingWindowInSeconds: 0 });
  });

  it('raise an alarm when something was put aside', () => {
    const watched = graph.all('aws:cloudwatch/metricAlarm:MetricAlarm').map(({ inputs }) => inputs.dimensions.QueueName);
    const dead = [graph.queue('DeadWakeups'), graph.queue('DeadLetters')].map(({ inputs }) => inputs.name);
    expect(watched.sort()).toEqual(dead.sort());
  });

  const queueOf = (name: FunctionName) => graph.all(QUEUE).find(({ inputs }) => graph.sourceOf(name).inputs.eventSourceArn.endsWith(`:${inputs.name}`))!;
});

describe('the stream', () => {
  it('brings the relay the entries that were put, and nothing else', () => {
    const { filterCriteria } = graph.sourceOf('relay').inputs;
    expect(filterCriteria.filters.map(({ pattern }: { pattern: string }) => JSON.parse(pattern))).toEqual([
      { eventName: ['INSERT'], dynamodb: { NewImage: { writer: { S: [{ exists: true }] } } } },
    ]);
  });

  it('loses nothing when the relay is new, and goes on after what it cannot take', () => {
    expect(graph.sourceOf('relay').inputs).toMatchObject({
      startingPosition: 'TRIM_HORIZON',
      bisectBatchOnFunctionError: true,
      destinationConfig: { onFailure: { destinationArn: expect.stringContaining(graph.queue('DeadLetters').inputs.name) } },
    });
    expect(graph.sourceOf('relay').inputs.maximumRetryAttempts).toBeGreaterThan(0);
  });
});

/** A statement as the permissions of grants.ts: without what Pulumi and AWS add to the names. */
function permissionsOf({ Effect, Action, Resource, Condition }: Statement): string[] {
  expect(Effect).toBe('Allow');
  if (Condition) expect(Condition).toEqual({ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['*#*'] } });
  return Action.flatMap((action) => Resource.map((arn) => `${action} ${nameOf(arn)}${Condition ? '#' : ''}`));
}

function nameOf(arn: string): string {
  const found = /:logplane-test-(\w+?)(Queue)-\w+(\.fifo)?$|:table\/logplane-test-(\w+?)Table-\w+(\/stream)?(\/[^*]*)?$/.exec(arn);
  if (!found) throw new Error(`${arn} is not one resource of the deployment`);
  return found[1] ?? `${found[4]}${found[5] ?? ''}`;
}

/** What createTable of the contract suite asks of DynamoDB. */
async function tableOfTheContract() {
  // biome-ignore lint/suspicious/noExplicitAny: whatever command it sends
  const sent: any[] = [];
  const client = {
    // biome-ignore lint/suspicious/noExplicitAny: see above
    send: async (command: any) => {
      sent.push(command.input);
      return { Table: { TableStatus: 'ACTIVE' } };
    },
  };
  await createTable({ client: client as never, table: 'log' });
  return sent[0] as {
    AttributeDefinitions: { AttributeName: string; AttributeType: string }[];
    KeySchema: { AttributeName: string }[];
    BillingMode: string;
    StreamSpecification: { StreamViewType: string };
  };
}
