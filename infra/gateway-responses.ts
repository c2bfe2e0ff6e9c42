/**
 * What API Gateway answers by itself, when the function does not get to answer: a Status, as clients of Kubernetes expect it, and when to come again (Amazon API Gateway
 * Developer Guide, "Gateway response types").
 */
const answers = {
  /** More requests than the stage takes; they are not billed. */
  THROTTLED: { code: 429, reason: 'TooManyRequests', message: 'Too many requests, please try again later.', retryAfterSeconds: 1 },
  /** The function has no execution free, among others: it was not invoked. */
  INTEGRATION_FAILURE: { code: 503, reason: 'ServiceUnavailable', message: 'the server is currently unable to handle the request', retryAfterSeconds: 1 },
  /** Nothing says whether what was asked for happened. */
  INTEGRATION_TIMEOUT: { code: 504, reason: 'Timeout', message: 'the server did not answer in time' },
  REQUEST_TOO_LARGE: { code: 413, reason: 'RequestEntityTooLarge', message: 'the request is too large' },
  DEFAULT_5XX: { code: 500, reason: 'InternalError', message: 'Internal error occurred: the function failed' },
} as const;

interface Answer {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly retryAfterSeconds?: number;
}

/** To be made before the API is deployed: a deployment has what is there at its time. */
export const gatewayResponses = (restApi: aws.apigateway.RestApi) =>
  Object.entries(answers).map(([responseType, answer]) => responseOf(restApi, responseType, answer));

/** All of them as text, to tell whether one has changed. */
export const gatewayResponsesVersion = JSON.stringify(answers);

function responseOf({ id: restApiId }: aws.apigateway.RestApi, responseType: string, { code, reason, message, retryAfterSeconds }: Answer) {
  const details = retryAfterSeconds === undefined ? {} : { details: { retryAfterSeconds } };
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, ...details, code };
  return new aws.apigateway.Response(`Api${responseType}`, {
    restApiId,
    responseType,
    statusCode: String(code),
    responseTemplates: { 'application/json': JSON.stringify(status) },
    ...(retryAfterSeconds !== undefined && { responseParameters: { 'gatewayresponse.header.Retry-After': `'${retryAfterSeconds}'` } }),
  });
}
