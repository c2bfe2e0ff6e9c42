import { environment, lambda, places, useLog, wakeReconcilers } from './functions.ts';

/** How long a request, which may be a watch, can take: as long as API Gateway streams and Lambda runs. */
const requestSeconds = 900;

/** The administrators' bearer token, good for every cluster: `npx sst secret set LogplaneToken …`. Without it nothing is deployed. */
const token = new sst.Secret('LogplaneToken');

const fn = lambda('ApiServer', {
  handler: 'functions/api.handler',
  streaming: true,
  timeout: `${requestSeconds} seconds`,
  memory: '1024 MB',
  link: [places, token],
  environment,
  permissions: [...useLog, wakeReconcilers],
});

const api = new sst.aws.ApiGatewayV1('Api', {
  endpoint: { type: 'regional' },
  // No route is answered but by the function, which asks for the token.
  cors: false,
  transform: {
    api: (args) => {
      // Bodies come as they are: kubectl sends protobuf, which would not survive being taken for text.
      args.binaryMediaTypes = ['*/*'];
    },
  },
});
route('ANY /', 'Root');
route('ANY /{proxy+}', 'Any');
api.deploy();

/** What a kubeconfig has as `server`, for the default cluster; `clusters/NAME` behind it is any other. */
export const server = api.url;

function route(path: string, name: string) {
  api.route(path, fn.arn, {
    name,
    streaming: true,
    transform: {
      integration: (args) => {
        args.timeoutMilliseconds = requestSeconds * 1000;
      },
    },
  });
}
