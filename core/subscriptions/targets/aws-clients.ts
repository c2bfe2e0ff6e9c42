import type { AwsClients } from './aws.ts';

/** The clients of a host, as its environment says (region, credentials). They do not try again: a subscription does. */
export function awsClients(): AwsClients {
  return {
    sqs: once(async () => new (await import('@aws-sdk/client-sqs')).SQSClient(OPTIONS)),
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
