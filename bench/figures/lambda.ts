import { measureThousandPods } from '../../test/aws/thousand-pods.ts';

/** A Deployment of 1,000 replicas through the Lambda handlers, on DynamoDB- and SQS-compatible servers: requests and write units for a pod. */
export async function lambda(): Promise<Record<string, number>> {
  return { ...(await measureThousandPods()) };
}
