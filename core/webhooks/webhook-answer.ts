import type { Answer } from '../admission/ask.ts';
import { parseJson } from '../api/codec/json.ts';
import { isFields } from '../kube/fields.ts';
import type { HttpAnswer } from './https-post.ts';

/** What an answer over HTTP says: its object, or why it has none, as client-go makes it out (rest/request.go, transformResponse; apimachinery's NewGenericServerResponse). */
export function answerIn({ status, contentType, body }: HttpAnswer): Answer {
  const text = body.toString();
  const isSuccess = status >= 200 && status <= 206;
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    return failed(isSuccess ? `couldn't get version/kind; json parse error: ${(error as Error).message}` : unsuccessful(status, contentType, text));
  }
  // A webhook may say what went wrong in a Status.
  if (isFields(value) && value['kind'] === 'Status' && value['status'] === 'Failure') return failed(String(value['message'] ?? ''));
  return isSuccess ? { type: 'answered', value } : failed(unsuccessful(status, contentType, text));
}

const failed = (message: string): Answer => ({ type: 'failed', message });

/** How much of a text is passed on (client-go's maxUnstructuredResponseTextBytes). */
const MAX_TEXT = 2_048;

function unsuccessful(status: number, contentType: string, text: string): string {
  const said = !contentType || /^\s*text\//i.test(contentType) ? text.slice(0, MAX_TEXT).trim() : 'unknown';
  if (status === 403 || status === 415) return said;
  if (status === 406) return said && said !== 'unknown' ? said : 'the server was unable to respond with a content type that the client supports';
  const known = messages[status];
  if (known) return known;
  if (status >= 500) return `an error on the server (${JSON.stringify(said)}) has prevented the request from succeeding`;
  return `the server responded with the status code ${status} but did not return more information`;
}

const messages: Readonly<Record<number, string | undefined>> = {
  400: 'the server rejected our request for an unknown reason',
  401: 'the server has asked for the client to provide credentials',
  404: 'the server could not find the requested resource',
  405: 'the server does not allow this method on the requested resource',
  409: 'the server reported a conflict',
  422: 'the server rejected our request due to an error in our request',
  429: 'the server has received too many requests and has asked us to try again later',
  503: 'the server is currently unable to handle the request',
  504: 'the server was unable to return a response in the time allotted, but may still be processing the request',
};
