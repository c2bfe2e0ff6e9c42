/** What subscriptions may do with each target that the deployment names, by its ARN. */
export const targetPermissions = (arns: readonly string[]): { actions: string[]; resources: string[] }[] =>
  arns.map((arn) => ({ actions: [ACTIONS[serviceOf(arn)]!], resources: [arn] }));

/** Whether an ARN is of something that a subscription can tell of changes. */
export const isTarget = (arn: string): boolean => /^arn:aws[a-z-]*:/.test(arn) && serviceOf(arn) in ACTIONS;

const serviceOf = (arn: string): string => arn.split(':')[2] ?? '';

const ACTIONS: Readonly<Record<string, string>> = { sqs: 'sqs:SendMessage', sns: 'sns:Publish', events: 'events:PutEvents', lambda: 'lambda:InvokeFunction' };
