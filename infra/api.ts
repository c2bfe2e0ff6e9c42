import { environment, lambda, places, wakeWorkers } from './functions.ts';
import { gatewayResponses, gatewayResponsesVersion } from './gateway-responses.ts';
import { beginClusters, readFailures, useLog } from './log-access.ts';
import { settings } from './settings.ts';
import { signingKey } from './signing-key.ts';

/** How long a request, which may be a watch, can take: as long as API Gateway streams and Lambda runs. */
const requestSeconds = 900;

/** The administrators' bearer tokens, each good for every cluster: `npx sst secret set LogplaneToken …`. Without one nothing is deployed. */
const token = new sst.Secret('LogplaneToken');

export const server = lambda('ApiServer', 'api', {
  streaming: true,
  timeout: `${requestSeconds} seconds`,
  memory: '1024 MB',
  // What works in a cluster is read with the first plan.
  nodejs: { minify: true, splitting: true },
  copyFiles: [{ from: 'ui/dist', to: 'ui' }],
  link: [places, token, signingKey],
  // This function makes the default cluster, and alone sets its clock.
  environment: {
    ...environment,
    ...(settings.clockRate !== undefined && { LOGPLANE_CLOCK_RATE: settings.clockRate }),
    ...(settings.corsOrigins !== undefined && { LOGPLANE_CORS_ALLOWED_ORIGINS: settings.corsOrigins }),
    ...(settings.auditPolicy !== undefined && { LOGPLANE_AUDIT_POLICY: settings.auditPolicy }),
    ...(settings.authentication !== undefined && { LOGPLANE_AUTHENTICATION: settings.authentication }),
    ...(settings.eksCluster !== undefined && { LOGPLANE_EKS_CLUSTER: settings.eksCluster }),
  },
  permissions: [...useLog, ...readFailures, ...beginClusters, wakeWorkers],
});

export const api = new sst.aws.ApiGatewayV1('Api', {
  endpoint: { type: 'regional' },
  // No route is answered but by the function, which asks for the token.
  cors: false,
  transform: {
    api: (args) => {
      // Bodies come as they are: kubectl sends protobuf, which would not survive being taken for text.
      args.binaryMediaTypes = ['*/*'];
    },
    deployment: (args, options) => {
      args.triggers = $output(args.triggers).apply((triggers) => ({ ...triggers, responses: gatewayResponsesVersion }));
      options.dependsOn = responses;
    },
  },
});
route('ANY /', 'Root');
route('ANY /{proxy+}', 'Any');
const responses = gatewayResponses(api.nodes.api);
api.deploy();
export const stage = api.nodes.stage!;

/**
 * For all clients together: API Gateway does not tell them apart. What is over it is answered 429 and not billed, so this is what a flood without a token costs at most
 * (docs/security.md). It counts for each route (Amazon API Gateway Developer Guide, "How throttling limit settings are applied"), so the root, which only people look at,
 * gets hardly any.
 */
const throttling = throttle('ApiThrottling', '*/*', { rate: settings.rate, burst: settings.burst });
throttle('ApiRootThrottling', '~1/ANY', { rate: 1, burst: 5 }, throttling);

/** `methodPath`: the path with `~1` for each slash, and the method. `after`: a stage takes one change at a time. */
function throttle(name: string, methodPath: string, { rate, burst }: { rate: number; burst: number }, after?: aws.apigateway.MethodSettings) {
  return new aws.apigateway.MethodSettings(
    name,
    {
      restApi: api.nodes.api.id,
      stageName: stage.stageName,
      methodPath,
      settings: { throttlingRateLimit: rate, throttlingBurstLimit: burst, metricsEnabled: false },
    },
    { dependsOn: after },
  );
}

function route(path: string, name: string) {
  api.route(path, server.arn, {
    name,
    streaming: true,
    transform: {
      integration: (args) => {
        args.timeoutMilliseconds = requestSeconds * 1000;
      },
    },
  });
}
