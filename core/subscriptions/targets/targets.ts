import type { Clock } from '../../env.ts';
import type { Targets } from '../target.ts';
import { type AwsClients, awsTargets } from './aws.ts';
import { awsClients } from './aws-clients.ts';
import { webhookTargets } from './webhook.ts';

interface TargetsOptions {
  readonly clock: Clock;
  /** Whether webhooks may be on the machine of the host or in a private network. */
  readonly allowsPrivate: boolean;
  /** Those that the environment of the process says, unless told. */
  readonly aws?: AwsClients;
}

/** All kinds of targets, one a file. */
export function targetsOf({ aws = awsClients(), ...options }: TargetsOptions): Targets {
  const webhook = webhookTargets(options);
  const ofAws = awsTargets(aws);
  return (target, context) => {
    if (target.webhook) return webhook(target.webhook, context);
    if (target.sqs) return ofAws.sqs(target.sqs);
    if (target.sns) return ofAws.sns(target.sns);
    if (target.eventBridge) return ofAws.eventBridge(target.eventBridge);
    if (target.lambda) return ofAws.lambda(target.lambda);
    throw new Error('a subscription has no target');
  };
}
