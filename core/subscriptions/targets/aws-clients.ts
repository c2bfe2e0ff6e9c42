import type { AwsClients } from './aws.ts';

/**
 * The clients of a host, as its environment says (region, credentials). They do not try again: a subscription does. A queue is named by its URL, which whoever subscribes has
 * written: it is never where a request goes.
 */
export function awsClients(): AwsClients {
  return {
    sqs: once(async () => new (await import('@aws-sdk/client-sqs')).SQSClient({ ...OPTIONS, useQueueUrlAsEndpoint: false })),
    sns: once(async () => new (await import('@aws-sdk/client-sns')).SNSClient(OPTIONS)),
    eventBridge: once(async () => new (await import('@aws-sdk/client-eventbridge')).EventBridgeClient(OPTIONS)),
    lambda: once(async () => new (await import('@aws-sdk/client-lambda')).LambdaClient(OPTIONS)),
  };
}

const OPTIONS = { maxAttempts: 1 };

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
