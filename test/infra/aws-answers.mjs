// What AWS would say of the resources of a deployment: the outputs that others refer to.

export const REGION = 'eu-west-1';
export const ACCOUNT = '123456789012';

const arn = (service, rest) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`;

const invokeArn = (fn, version, action) => `arn:aws:apigateway:${REGION}:lambda:path/${version}/functions/${fn}/${action}`;

/** By type: from the name and the inputs of a resource to what is only known once it exists. */
export const outputs = {
  'aws:lambda/function:Function': (name) => {
    const fn = arn('lambda', `function:${name}`);
    return {
      arn: fn,
      qualifiedArn: `${fn}:1`,
      version: '1',
      invokeArn: invokeArn(fn, '2015-03-31', 'invocations'),
      responseStreamingInvokeArn: invokeArn(fn, '2021-11-15', 'response-streaming-invocations'),
    };
  },
  'aws:dynamodb/table:Table': (name, { streamEnabled }) => ({
    arn: arn('dynamodb', `table/${name}`),
    ...(streamEnabled && { streamArn: arn('dynamodb', `table/${name}/stream/2026-01-01T00:00:00.000`) }),
  }),
  'aws:sqs/queue:Queue': (name) => ({ arn: arn('sqs', name), url: `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${name}` }),
  'aws:sns/topic:Topic': (name) => ({ arn: arn('sns', name) }),
  'aws:iam/role:Role': (name) => ({ arn: `arn:aws:iam::${ACCOUNT}:role/${name}` }),
  'aws:apigateway/restApi:RestApi': () => ({ rootResourceId: 'root', executionArn: arn('execute-api', 'api'), arn: arn('apigateway', '/restapis/api') }),
  'aws:apigateway/account:Account': () => ({ cloudwatchRoleArn: `arn:aws:iam::${ACCOUNT}:role/apigw` }),
  'random:index/randomBytes:RandomBytes': () => ({ base64: 'AAAA', hex: '00' }),
};

/** By token: what a call of the provider returns. */
export const calls = {
  'aws:index/getPartition:getPartition': () => ({ partition: 'aws', dnsSuffix: 'amazonaws.com' }),
  'aws:index/getRegion:getRegion': () => ({ id: REGION, name: REGION, region: REGION }),
  'aws:index/getCallerIdentity:getCallerIdentity': () => ({ accountId: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root` }),
  'aws:iam/getPolicyDocument:getPolicyDocument': (inputs) => ({ ...inputs, json: JSON.stringify(policyOf(inputs)) }),
};

const policyOf = ({ statements = [] }) => ({
  Version: '2012-10-17',
  Statement: statements.map(({ effect = 'Allow', actions, resources, principals, conditions }) => ({
    Effect: effect,
    Action: actions,
    Resource: resources,
    Principal: principals,
    Condition: conditions && Object.fromEntries(conditions.map(({ test, variable, values }) => [test, { [variable]: values }])),
  })),
});
