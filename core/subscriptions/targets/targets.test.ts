import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { CloudEvent } from 'cloudevents';
import { expect, it, vi } from 'vitest';
import type { TargetSpec } from '../../apis/logplane/subscription.ts';
import { systemEnv } from '../../env.ts';
import { State } from '../../state/state.ts';
import { awsClients } from './aws-clients.ts';
import { targetsOf } from './targets.ts';

const event = new CloudEvent({ id: '1', source: '/clusters/main', type: 'thing.add', data: {} });
const delivery = { event, reference: () => event, object: 'things//a' };
const { signal } = new AbortController();

it.each([
  { sqs: { queueUrl: 'https://sqs.eu-west-1.amazonaws.com/1/queue' } },
  { sns: { topicArn: 'arn:topic' } },
  { eventBridge: { eventBusName: 'bus' } },
  { lambda: { functionName: 'fn' } },
] satisfies TargetSpec[])('%o is not told unless the operator has named it', async (target) => {
  const never = () => expect.unreachable('a client was made');
  const aws = { sqs: never, sns: never, eventBridge: never, lambda: never };
  const targets = targetsOf({ clock: systemEnv.clock, allowsPrivate: true, reaches: () => false, aws });
  await expect(targets(target, { namespace: 'default', state: State.empty }).deliver(delivery, signal)).rejects.toThrow('--subscription-targets');
});

it('A queue is told where AWS is, wherever its URL leads', async () => {
  mockClient(SQSClient).restore();
  const asked: string[] = [];
  const server = async (name: string) => {
    const listening = createServer((request, response) => {
      asked.push(name);
      request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end('{}'));
    });
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
    return { url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}`, [Symbol.dispose]: () => void listening.close().closeAllConnections() };
  };
  using aws = await server('AWS');
  using other = await server('the other');
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'x');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'x');
  vi.stubEnv('AWS_ENDPOINT_URL_SQS', aws.url);
  try {
    const targets = targetsOf({ clock: systemEnv.clock, allowsPrivate: false, aws: awsClients() });
    // What the answer lacks is not what this is about.
    await targets({ sqs: { queueUrl: `${other.url}/1/queue` } }, { namespace: 'default', state: State.empty })
      .deliver(delivery, signal)
      .catch(() => undefined);
    expect(asked).toEqual(['AWS']);
  } finally {
    vi.unstubAllEnvs();
  }
});
