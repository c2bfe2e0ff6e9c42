import type { Answer } from '../admission/ask.ts';
import { parseYaml } from '../api/codec/yaml.ts';
import { isFields } from '../kube/fields.ts';
import { parseJson } from '../kube/json.ts';
import type { HttpAnswer } from './https-post.ts';

/**
 * What an answer over HTTP says: its object, which may be in YAML too, or why it has none, as client-go makes it out (rest/request.go, transformResponse; apimachinery's
 * NewGenericServerResponse and recognizer.go). Of what is no success, only a Status says what went wrong.
 */
export function answerIn({ status, contentType, body }: HttpAnswer): Answer {
  const text = body.toString();
  const wrongType = mediaTypeError(contentType);
  if (wrongType) return failed(`Internal error occurred: ${wrongType}`);
  if (status < 200 || status > 206) return failed(statusMessage(text) ?? unsuccessful(status, contentType, text));
  if (text === '') return failed(`0-length response with status code: ${status} and content type: ${contentType || 'application/json'}`);
  try {
    return { type: 'answered', value: parsed(text) };
  } catch (error) {
    return failed((error as Error).message);
  }
}

const failed = (message: string): Answer => ({ type: 'failed', message });

/** Throws in the words of Go when it is no object. */
function parsed(text: string): unknown {
  const wrong = (why: string) => new Error(`couldn't get version/kind; json parse error: ${why}`);
  if (!/^\s*\{/.test(text)) {
    const value = parseYaml(text);
    if (value === null || isFields(value)) return value;
    const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
    throw wrong(`json: cannot unmarshal ${kind} into Go value of type ${TYPE_META}`);
  }
  try {
    return parseJson(text);
  } catch (error) {
    throw wrong((error as Error).message);
  }
}

const TYPE_META = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

/** What a Status says that came with a failure. */
function statusMessage(text: string): string | undefined {
  try {
    const value = parsed(text);
    return isFields(value) && value['kind'] === 'Status' && value['status'] === 'Failure' ? String(value['message'] ?? '') : undefined;
  } catch {
    return undefined;
  }
}

/** What Go's mime.ParseMediaType says of what is none. */
function mediaTypeError(contentType: string): string | undefined {
  const type = contentType.split(';', 1)[0]!.trim();
  if (!contentType || /^[!#$%&'*+.^_`|~\w-]+(\/[!#$%&'*+.^_`|~\w-]+)?$/.test(type)) return undefined;
  if (!type) return 'mime: no media type';
  return /^[!#$%&'*+.^_`|~\w-]+\//.test(type) ? 'mime: expected token after slash' : 'mime: expected slash after first token';
}

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
