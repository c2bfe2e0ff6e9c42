import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { policyOfSetting } from '../../core/api/audit/policy-setting.ts';
import { isDisposable } from '../../infra/stages.ts';
import { isTarget } from '../../infra/subscription-targets.ts';
import { type FunctionName, functionNames } from '../aws/bundles.ts';
import { createTable } from '../contract/dynamodb-table.ts';
import { grants, partitions } from './grants.ts';

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
  /** By the name of a function's component, what SST has put into its package beside what it bundles. */
  readonly packages: Readonly<Record<string, readonly string[]>>;
  readonly resources: readonly Resource[];

  /** `environment`: what is set when deploying. */
  constructor(stage: string, environment: Readonly<Record<string, string>> = {}) {
    const out = path.join(mkdtempSync(path.join(tmpdir(), 'logplane-infra-')), 'graph.json');
    execFileSync(process.execPath, [path.join(root, 'test/infra/synth.mjs'), stage, out], {
      stdio: ['ignore', 'inherit', 'pipe'],
      env: { ...process.env, ...environment },
    });
    const { app, outputs, functions, packages, resources } = JSON.parse(readFileSync(out, 'utf8'));
    this.app = app;
    this.outputs = outputs;
    this.functions = functions;
    this.packages = packages;
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

  topic(name: string): Resource {
    return this.all(TOPIC).find((resource) => resource.name === `${name}Topic`)!;
  }

  alarm(name: string): Resource {
    return this.all(ALARM).find((resource) => resource.name === `${name}Alarm`)!;
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
const TOPIC = 'aws:sns/topic:Topic';
const ALARM = 'aws:cloudwatch/metricAlarm:MetricAlarm';
const METHODS = 'aws:apigateway/methodSettings:MethodSettings';
const TABLE = 'aws:dynamodb/table:Table';
/** What subscriptions may do with the targets that are named. */
const targets = ['sqs:SendMessage arn:aws:sqs:eu-west-1:1:changes.fifo', 'lambda:InvokeFunction arn:aws:lambda:eu-west-1:1:function:told'];
const consumers = ['scheduler', 'controllers', 'nodes', 'clusters', 'subscriptions', 'timers'] as const;

let graph: Graph;
let production: Graph;
/** With everything set, in a stage of its own. */
let configured: Graph;
beforeAll(() => {
  execFileSync(process.execPath, [path.join(root, 'scripts/sst-platform.mjs')], { stdio: 'inherit' });
  graph = new Graph('test');
  production = new Graph('production', { LOGPLANE_API_CONCURRENCY: '30' });
  configured = new Graph('anna', {
    LOGPLANE_RETENTION: '24h',
    LOGPLANE_CLOCK_RATE: '60',
    LOGPLANE_CORS_ALLOWED_ORIGINS: '^https://console\\.example\\.com$',
    LOGPLANE_AUDIT_POLICY_FILE: path.join(root, 'docs/examples/audit-policy.yaml'),
    LOGPLANE_ENABLE_ADMISSION_PLUGINS: 'AlwaysPullImages',
    LOGPLANE_AUTHENTICATION_CONFIG: path.join(import.meta.dirname, 'authentication.yaml'),
    LOGPLANE_EKS_CLUSTER: 'eu-west-1/lab',
    LOGPLANE_WEBHOOK_SERVICES: 'policies/webhook:443=https://hooks.example.com',
    LOGPLANE_SUBSCRIPTION_TARGETS: 'arn:aws:sqs:eu-west-1:1:changes.fifo arn:aws:lambda:eu-west-1:1:function:told',
    LOGPLANE_RATE: '7',
    LOGPLANE_BURST: '9',
    LOGPLANE_RESERVE_CONCURRENCY: 'no',
    LOGPLANE_ALARMS_TO: 'ops@example.com, https://alarms.example.com/logplane',
  });
}, 300_000);

it('is well typed', () => {
  execFileSync(path.join(root, 'node_modules/.bin/tsc'), ['-p', path.join(root, 'infra')], { stdio: 'inherit' });
});

it('imports nothing at the top of sst.config.ts, which SST refuses', () => {
  expect(readFileSync(path.join(root, 'sst.config.ts'), 'utf8')).not.toMatch(/^\s*import\s*[^(]/m);
});

it('puts the files of the page beside the API function, and beside no other', () => {
  const { files } = JSON.parse(readFileSync(path.join(root, 'ui/dist/manifest.json'), 'utf8')) as { files: Record<string, unknown> };
  expect(Object.keys(files)).toContain('index.html');
  const wanted = ['manifest.json', ...Object.keys(files).flatMap((name) => [name, `${name}.gz`])].map((name) => `ui/${name}`);
  const { ApiServer = [], ...others } = graph.packages;
  expect(wanted.filter((name) => !ApiServer.includes(name))).toEqual([]);
  expect(Object.keys(others)).toHaveLength(functionNames.length - 1);
  expect(
    Object.values(others)
      .flat()
      .filter((name) => name !== './'),
  ).toEqual([]);
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

  it('is told of the retention that clusters have unless they say otherwise: the one that takes snapshots; and may reach the targets that are named: the one that tells subscribers', () => {
    for (const name of functionNames)
      expect(configured.policy(name).flatMap(permissionsOf).sort()).toEqual([...grants[name], ...(name === 'subscriptions' ? targets : [])].sort());
    expect(configured.lambda('controllers').inputs.environment.variables).toMatchObject({ LOGPLANE_RETENTION: '24h' });
  });

  it('sets the clock where the deployment says how: the one that makes the default cluster', () => {
    const told = (of: Graph) => functionNames.filter((name) => 'LOGPLANE_CLOCK_RATE' in (of.lambda(name).inputs.environment?.variables ?? {}));
    expect([told(graph), told(configured)]).toEqual([[], ['api']]);
    expect(configured.lambda('api').inputs.environment.variables).toMatchObject({
      LOGPLANE_CLOCK_RATE: '60',
      LOGPLANE_CORS_ALLOWED_ORIGINS: '^https://console\\.example\\.com$',
      LOGPLANE_EKS_CLUSTER: 'eu-west-1/lab',
      LOGPLANE_AUTHENTICATION: expect.stringMatching(/^\{.*"url":"https:\/\/issuer\.example\.com".*\}$/),
    });
  });

  it('audits by the policy in the file that is named, or not at all: the API', () => {
    const told = (of: Graph) => functionNames.filter((name) => 'LOGPLANE_AUDIT_POLICY' in (of.lambda(name).inputs.environment?.variables ?? {}));
    expect([told(graph), told(configured)]).toEqual([[], ['api']]);
    const policy = policyOfSetting(configured.lambda('api').inputs.environment.variables.LOGPLANE_AUDIT_POLICY);
    expect(policy.rules.map(({ level }) => level)).toEqual(['None', 'None', 'RequestResponse', 'Metadata']);
  });

  it('are all told which admission plugins run, if they write', () => {
    for (const name of ['api', 'scheduler', 'controllers', 'nodes', 'clusters', 'subscriptions'] as const) {
      expect(configured.lambda(name).inputs.environment.variables).toMatchObject({ LOGPLANE_ENABLE_ADMISSION_PLUGINS: 'AlwaysPullImages' });
    }
  });

  it('are told where webhooks are: all that decide', () => {
    for (const name of ['api', 'scheduler', 'controllers', 'nodes', 'subscriptions'] as const) {
      expect(configured.lambda(name).inputs.environment.variables).toMatchObject({
        LOGPLANE_WEBHOOK_SERVICES: 'policies/webhook:443=https://hooks.example.com',
      });
    }
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
      const isApi = inputs.principal === 'apigateway.amazonaws.com';
      expect(inputs.principal).toBe(isApi ? 'apigateway.amazonaws.com' : 'sns.amazonaws.com');
      expect(inputs.sourceArn).toContain(isApi ? ':execute-api:' : graph.topic('Resync').inputs.name);
      expect(inputs.function).toContain(graph.lambda(isApi ? 'api' : 'resync').inputs.name);
    }
  });

  it.each([
    { secret: 'LogplaneToken', want: ['functions/api.handler'] },
    { secret: 'LogplaneSigningKey', want: ['functions/api.handler', 'functions/controllers.handler'] },
  ])('get $secret where it is asked for, and nowhere else', ({ secret, want }) => {
    const told = graph.functions.filter(({ links }) => secret in links).map(({ handler }) => handler);
    expect(told.sort()).toEqual(want);
    for (const { inputs } of graph.all(LAMBDA)) expect(JSON.stringify(inputs.environment)).not.toContain('-for-the-synthesis-of-tests');
  });

  it('may touch no partition when a request names none', () => {
    for (const name of functionNames) {
      const conditional = graph.policy(name).filter(({ Condition }) => Condition);
      expect(conditional.map(({ Condition }) => allows(Condition!, undefined))).toEqual(conditional.map(() => false));
    }
  });
});

describe('executions', () => {
  const reserved = (of: Graph) => Object.fromEntries(functionNames.map((name) => [name, of.lambda(name).inputs.reservedConcurrentExecutions]));

  it('are kept free for every function, in an account of a thousand with room for others', () => {
    expect(Object.keys(reserved(graph)).sort()).toEqual([...functionNames].sort());
    const numbers = Object.values(reserved(graph)) as number[];
    for (const number of numbers) expect(number).toBeGreaterThan(0);
    expect(numbers.reduce((sum, number) => sum + number)).toBeLessThanOrEqual(200);
  });

  it('of the API are as many as the deployment says', () => {
    expect([reserved(graph)['api'], reserved(production)['api']]).toEqual([100, 30]);
  });

  it.each(consumers)('of %s are as many as its queue tries for', (name) => {
    const { maximumConcurrency } = graph.sourceOf(name).inputs.scalingConfig;
    expect(maximumConcurrency).toBe(reserved(graph)[name]);
    // The least that Lambda takes.
    expect(maximumConcurrency).toBeGreaterThanOrEqual(2);
  });

  it('of the relay are enough for the four shards that a table begins with', () => {
    expect(reserved(graph)['relay']).toBeGreaterThanOrEqual(4 * graph.sourceOf('relay').inputs.parallelizationFactor);
  });

  it('are not reserved, and the queues fit into the ten of a new account, where it has too few', () => {
    expect(Object.values(reserved(configured)).filter((number) => number !== undefined)).toEqual([]);
    // That of subscriptions has messages only where there is a subscription.
    // The wake-ups of one cluster, `root`, come one after the other.
    const tried = consumers
      .filter((name) => name !== 'subscriptions')
      .map((name) => (name === 'clusters' ? 1 : (configured.sourceOf(name).inputs.scalingConfig.maximumConcurrency as number)));
    expect(tried.reduce((sum, number) => sum + number)).toBeLessThan(10);
  });
});

describe('settings', () => {
  it.each([
    ['LOGPLANE_RATE', '0'],
    ['LOGPLANE_BURST', '1e3'],
    ['LOGPLANE_API_CONCURRENCY', 'many'],
    ['LOGPLANE_NODES', ''],
    ['LOGPLANE_EVENT_TTL', '1 hour'],
    ['LOGPLANE_RETENTION', '1 day'],
    ['LOGPLANE_CLOCK_RATE', 'fast'],
    ['LOGPLANE_CLOCK_RATE', ''],
    ['LOGPLANE_CLOCK_RATE', '86401'],
    ['LOGPLANE_CORS_ALLOWED_ORIGINS', 'example.com'],
    ['LOGPLANE_CORS_ALLOWED_ORIGINS', '^https://(example.com$'],
    ['LOGPLANE_ENABLE_ADMISSION_PLUGINS', 'Nothing'],
    ['LOGPLANE_DISABLE_ADMISSION_PLUGINS', 'PodSecurity,Nothing'],
    ['LOGPLANE_ADMISSION_CONFIGURATION', '{}'],
    ['LOGPLANE_EKS_CLUSTER', 'lab'],
    ['LOGPLANE_WEBHOOK_SERVICES', 'webhook=https://hooks.example.com'],
    ['LOGPLANE_SUBSCRIPTION_TARGETS', 'arn:aws:s3:::bucket'],
    ['LOGPLANE_CLUSTER', 'Not a name'],
    ['LOGPLANE_CLUSTER', 'root'],
    ['LOGPLANE_AUDIT_POLICY_FILE', 'no/such/file'],
    ['LOGPLANE_AUDIT_POLICY_FILE', 'package.json'],
    ['LOGPLANE_SCHEDULER_CONFIG', 'no/such/file'],
    ['LOGPLANE_SCHEDULER_CONFIG', 'package.json'],
    ['LOGPLANE_RESERVE_CONCURRENCY', 'off'],
  ])('%s=%s stops the deployment', async (name, value) => {
    vi.resetModules();
    vi.stubEnv(name, value);
    await expect(import('../../infra/settings.ts')).rejects.toThrow(`${name} is `);
    vi.unstubAllEnvs();
  });

  it.each([
    ['not there', 'ENOENT', 'none.yaml'],
    ['wrong', 'jwt[0].issuer.url: Invalid value: "http://issuer.example.com": URL scheme must be https', 'authentication-wrong.yaml'],
  ])('an AuthenticationConfiguration that is %s stops the deployment', async (_name, why, file) => {
    vi.resetModules();
    vi.stubEnv('LOGPLANE_AUTHENTICATION_CONFIG', path.join(import.meta.dirname, file));
    await expect(import('../../infra/settings.ts')).rejects.toThrow(why);
    vi.unstubAllEnvs();
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

  it('takes so many requests from all clients together, on every path and method, from its first deployment on', () => {
    const throttled = (of: Graph) =>
      Object.fromEntries(
        of.all(METHODS).map(({ inputs: { restApi, stageName, methodPath, settings } }) => {
          expect({ restApi, stageName }).toEqual({ restApi: methods()[0]!.inputs.restApi, stageName: of === graph ? 'test' : 'anna' });
          return [methodPath, [settings.throttlingRateLimit, settings.throttlingBurstLimit]];
        }),
      );
    expect(throttled(graph)).toEqual({ '*/*': [50, 100], '~1/ANY': [1, 5] });
    expect(throttled(configured)).toEqual({ '*/*': [7, 9], '~1/ANY': [1, 5] });
  });

  it('answers with a Status of Kubernetes where the function does not get to answer', () => {
    const responses = Object.fromEntries(
      graph.all('aws:apigateway/response:Response').map(({ inputs }) => {
        const status = JSON.parse(inputs.responseTemplates['application/json']);
        expect(status).toMatchObject({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code: Number(inputs.statusCode) });
        const after = inputs.responseParameters?.['gatewayresponse.header.Retry-After'];
        expect(after).toBe(status.details && `'${status.details.retryAfterSeconds}'`);
        return [inputs.responseType, [status.code, status.reason, after !== undefined]];
      }),
    );
    expect(responses).toEqual({
      THROTTLED: [429, 'TooManyRequests', true],
      INTEGRATION_FAILURE: [503, 'ServiceUnavailable', true],
      INTEGRATION_TIMEOUT: [504, 'Timeout', false],
      REQUEST_TOO_LARGE: [413, 'RequestEntityTooLarge', false],
      DEFAULT_5XX: [500, 'InternalError', false],
    });
    // API Gateway shows what there was when it was deployed: a changed answer is a new deployment.
    expect(graph.single('aws:apigateway/deployment:Deployment').inputs.triggers.responses).toContain('Too many requests');
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

  it('deletes nothing by itself', () => {
    expect(graph.single(TABLE).inputs.ttl).toBeUndefined();
  });

  it.each([
    ['production', () => production],
    ['anything that is not named disposable', () => configured],
  ])('stays in %s, whatever happens to the deployment', (_, of) => {
    const table = of().single(TABLE);
    expect([of().app.protect, table.retainOnDelete, table.inputs.deletionProtectionEnabled]).toEqual([true, true, true]);
  });

  it('goes with a deployment that is named disposable', () => {
    const table = graph.single(TABLE);
    expect([graph.app.protect, table.retainOnDelete, table.inputs.deletionProtectionEnabled]).toEqual([false, false, false]);
  });

  it.each([
    ['dev', true],
    ['test', true],
    ['dev-anna', true],
    ['pr-17', true],
    ['developers', false],
    ['prod', false],
    ['anna', false],
    ['', false],
  ])('goes with the stage %s: %s', (stage, disposable) => {
    expect(isDisposable(stage)).toBe(disposable);
  });
});

describe('the queues', () => {
  it.each(['SchedulerWakeups', 'ControllersWakeups', 'NodesWakeups', 'ClustersWakeups'])('%s is FIFO with groups that do not wait for one another', (name) => {
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
    // Whoever notes what failed knows which attempt is the last.
    if (name !== 'timers') expect(graph.lambda(name).inputs.environment.variables.LOGPLANE_MAX_RECEIVES).toBe(String(maxReceiveCount));
    // AWS Lambda Developer Guide: FIFO queues know no batching window.
    expect(graph.sourceOf(name).inputs).toMatchObject({ functionResponseTypes: ['ReportBatchItemFailures'], maximumBatchingWindowInSeconds: 0 });
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

  it('loses nothing when the relay is new, and is tried again as long as it keeps a record', () => {
    expect(graph.sourceOf('relay').inputs).toMatchObject({ startingPosition: 'TRIM_HORIZON', bisectBatchOnFunctionError: true, maximumRetryAttempts: -1 });
    // DynamoDB keeps records for 24 hours. Lambda tells of those that it gives up, not of those that went.
    const { maximumRecordAgeInSeconds } = graph.sourceOf('relay').inputs;
    expect(maximumRecordAgeInSeconds).toBeGreaterThan(20 * 3600);
    expect(maximumRecordAgeInSeconds).toBeLessThan(24 * 3600);
  });

  it('has every cluster woken when the relay gave up, and again when it has caught up', () => {
    const topic = expect.stringMatching(new RegExp(`:${graph.topic('Resync').inputs.name}$`));
    expect(graph.sourceOf('relay').inputs.destinationConfig).toEqual({ onFailure: { destinationArn: topic } });
    expect(graph.alarm('RelayBehind').inputs.okActions).toEqual([topic]);
    const fn = graph.lambda('resync').inputs.name;
    expect(graph.single('aws:sns/topicSubscription:TopicSubscription').inputs).toMatchObject({
      topic,
      protocol: 'lambda',
      endpoint: expect.stringContaining(`:${fn}`),
    });
    expect(graph.single('aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig').inputs).toMatchObject({
      functionName: fn,
      maximumRetryAttempts: 2,
      destinationConfig: { onFailure: { destination: expect.stringContaining(graph.queue('DeadLetters').inputs.name) } },
    });
  });
});

describe('the alarms', () => {
  it('watch whatever makes a cluster stand still, or the API fail', () => {
    const queue = (name: string) => ({ QueueName: graph.queue(name).inputs.name });
    const fn = (name: FunctionName) => ({ FunctionName: graph.lambda(name).inputs.name });
    const watched = Object.fromEntries(
      graph.all(ALARM).map(({ name, inputs }) => [name.replace(/Alarm$/, ''), [inputs.metricName, inputs.threshold, inputs.dimensions]]),
    );
    expect(watched).toEqual({
      DeadWakeups: ['ApproximateNumberOfMessagesVisible', 0, queue('DeadWakeups')],
      DeadLetters: ['ApproximateNumberOfMessagesVisible', 0, queue('DeadLetters')],
      SchedulerWaiting: ['ApproximateAgeOfOldestMessage', 1800, queue('SchedulerWakeups')],
      ControllersWaiting: ['ApproximateAgeOfOldestMessage', 1800, queue('ControllersWakeups')],
      NodesWaiting: ['ApproximateAgeOfOldestMessage', 1800, queue('NodesWakeups')],
      SubscriptionsWaiting: ['ApproximateAgeOfOldestMessage', 1800, queue('SubscriptionsWakeups')],
      ClustersWaiting: ['ApproximateAgeOfOldestMessage', 1800, queue('ClustersWakeups')],
      RelayBehind: ['IteratorAge', 900_000, fn('relay')],
      RelayGaveUp: ['DestinationDeliveryFailures', 0, fn('relay')],
      ApiErrors: ['Errors', 0, fn('api')],
      ApiThrottled: ['Throttles', 0, fn('api')],
      ApiFailures: ['5XXError', 10, { ApiName: graph.single('aws:apigateway/restApi:RestApi').inputs.name, Stage: 'test' }],
    });
    // What has no traffic is well: an idle deployment raises none.
    for (const { inputs } of graph.all(ALARM))
      expect(inputs).toMatchObject({ treatMissingData: 'notBreaching', comparisonOperator: 'GreaterThanThreshold', period: 60 });
  });

  it('are all published to one topic, and sent to the addresses that the deployment names', () => {
    const arn = (of: Graph) => expect.stringMatching(new RegExp(`:${of.topic('Alarms').inputs.name}$`));
    for (const { inputs } of graph.all(ALARM)) expect(inputs.alarmActions).toEqual([arn(graph)]);
    const told = configured.all('aws:sns/topicSubscription:TopicSubscription').filter(({ inputs }) => inputs.protocol !== 'lambda');
    expect(told.map(({ inputs }) => inputs)).toEqual([
      { topic: arn(configured), protocol: 'email', endpoint: 'ops@example.com' },
      { topic: arn(configured), protocol: 'https', endpoint: 'https://alarms.example.com/logplane' },
    ]);
  });

  it('say when a deployment is done where they go, and that there is no address', () => {
    expect(configured.outputs['alarms']).toBe('ops@example.com, https://alarms.example.com/logplane');
    expect(graph.outputs['alarms']).toMatch(/^tell nobody: set LOGPLANE_ALARMS_TO/);
  });
});

/** A statement as the permissions of grants.ts: without what Pulumi and AWS add to the names, and one for each kind of partition that its condition lets through. */
function permissionsOf({ Effect, Action, Resource, Condition }: Statement): string[] {
  expect(Effect).toBe('Allow');
  return Action.flatMap((action) =>
    Resource.flatMap((arn) => {
      if (nameOf(arn) !== 'LogTable') return [`${action} ${nameOf(arn)}`];
      return Object.entries(partitions).flatMap(([kind, names]) => {
        const through = names.filter((name) => !Condition || allows(Condition, name));
        // All of a kind, or none: a pattern that tells two partitions of a kind apart is wrong.
        expect([0, names.length]).toContain(through.length);
        return through.length > 0 ? [`${action} LogTable/${kind}`] : [];
      });
    }),
  );
}

/** Whether IAM lets a request through for a partition, or for none (AWS IAM User Guide, "Multivalued context keys"). */
function allows(condition: NonNullable<Statement['Condition']>, partition: string | undefined): boolean {
  return Object.entries(condition).every(([operator, { 'dynamodb:LeadingKeys': values = [] }]) => {
    const matches = values.some((value) => partition !== undefined && like(value).test(partition));
    switch (operator) {
      case 'ForAllValues:StringLike':
        return partition === undefined || matches;
      case 'ForAllValues:StringNotLike':
        return partition === undefined || !matches;
      case 'Null':
        return values.join() === String(partition === undefined);
      default:
        throw new Error(`${operator} is not known here`);
    }
  });
}

/** IAM's patterns: `*` stands for any text, `?` for one character. */
const like = (pattern: string) =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\/]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    's',
  );

/** The name that a resource of the deployment has in its program; a target of subscriptions is none, and named by its ARN. */
function nameOf(arn: string): string {
  const found = /:logplane-\w+-(\w+?)(?:Queue|Topic)-\w+(?:\.fifo)?$|:table\/logplane-\w+-(\w+?)Table-\w+(\/stream)?(\/[^*]*)?$/.exec(arn);
  if (!found && isTarget(arn)) return arn;
  if (!found) throw new Error(`${arn} is not one resource of the deployment`);
  return found[1] ?? `${found[2]}${found[3] ?? ''}`;
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
