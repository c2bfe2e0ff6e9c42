import type { Clock } from '../../env.ts';
import { NotTaken, type Target, type Targets } from '../target.ts';
import { type AwsClients, awsTargets } from './aws.ts';
import { awsClients } from './aws-clients.ts';
import { webhookTargets } from './webhook.ts';

interface TargetsOptions {
  readonly clock: Clock;
  /** Whether webhooks may be on the machine of the host or in a private network. */
  readonly allowsPrivate: boolean;
  /** Whether a queue, topic, event bus or function may be told, as it is named in a subscription. All may that the credentials of the process permit, unless told. */
  readonly reaches?: (name: string) => boolean;
  /** Those that the environment of the process says, unless told. */
  readonly aws?: AwsClients;
}

/** All kinds of targets, one a file. */
export function targetsOf({ aws = awsClients(), reaches = () => true, ...options }: TargetsOptions): Targets {
  const toWebhook = webhookTargets(options);
  const ofAws = awsTargets(aws);
  return (target, context) => {
    const { webhook, sqs, sns, eventBridge, lambda } = target;
    if (webhook) return toWebhook(webhook, context);
    const name = sqs?.queueUrl ?? sns?.topicArn ?? eventBridge?.eventBusName ?? lambda?.functionName;
    if (name === undefined) throw new Error('a subscription has no target');
    if (!reaches(name)) return refusing(`${name} is none of the targets that this host may tell: its operator names them (--subscription-targets)`);
    if (sqs) return ofAws.sqs(sqs);
    if (sns) return ofAws.sns(sns);
    return eventBridge ? ofAws.eventBridge(eventBridge) : ofAws.lambda(lambda!);
  };
}

const refusing = (message: string): Target => ({ deliver: () => Promise.reject(new NotTaken(message)) });
