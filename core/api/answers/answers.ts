import type { KubeObject } from '../../kube/object.ts';
import type { Status } from '../../kube/status.ts';
import { badRequest, notAcceptable } from '../../kube/status.ts';
import type { ReadCall } from '../call.ts';
import { encodeBody } from '../codec/body.ts';
import { contentType, type Negotiated } from '../codec/negotiate.ts';
import { partialOf, type TableOptions, tableOf } from '../printers/table.ts';
import { maskedBy } from '../request/masked.ts';
import type { Target } from '../request/target.ts';
import { answerBytes } from './large-answer.ts';

/** One object of the resource that was asked for (as it is kept), in the form that was agreed on. */
export function answerObject(call: ReadCall, object: KubeObject, code = 200): Response {
  const { as, mediaType, pretty } = call.format;
  if (call.audit?.wantsResponse) return answerWith(call, formOf(call, object), code);
  if (as === undefined && mediaType === 'json' && !pretty) {
    return answerBytes(Buffer.from(`${call.target.textFromStorage(object)}\n`), { request: call.request, status: code, headers: headersFor(call) });
  }
  return answerWith(call, formOf(call, object), code);
}

function formOf(call: ReadCall, object: KubeObject): object {
  const { format, target } = call;
  switch (format.as) {
    case 'Table':
      return tableOf([object], target.table, { resourceVersion: object.metadata.resourceVersion }, tableOptions(call));
    case 'PartialObjectMetadataList':
      throw notAcceptable(`you requested PartialObjectMetadataList, but the requested object is not a list (${goType(target)})`);
    case 'PartialObjectMetadata':
      return partialOf(object, format.asVersion!);
    case 'Fields':
      return maskedBy(format.fields!, target)(object);
    default:
      return target.fromStorage(object);
  }
}

/** The internal type of objects in Go: `*core.ConfigMap`, or with `List` of lists of them. */
export const goType = ({ resource, storage }: Target, suffix = ''): string =>
  resource.custom ? `*unstructured.Unstructured${suffix}` : `*${storage.group.split('.')[0] || 'core'}.${storage.kind}${suffix}`;

/** Anything that has a kind and is not kept: a Status, a Scale, a review. */
export function answerWith(call: Pick<ReadCall, 'request' | 'format' | 'warnings' | 'audit'>, value: object, code = 200): Response {
  call.audit?.answeredWith(value);
  return answerBytes(encodeBody(value, call.format), { request: call.request, status: code, headers: headersFor(call) });
}

/** A Status, to a client that may not have come as far as to agree on a form. */
export function answerStatus(status: Status, { format, warnings }: { format: Negotiated; warnings: readonly string[] }): Response {
  const headers = headersFor({ format: { ...format, as: undefined }, warnings });
  if (status.details?.retryAfterSeconds) headers.set('retry-after', String(status.details.retryAfterSeconds));
  return new Response(encodeBody(status, format), { status: status.code, headers });
}

export function headersFor({ format, warnings }: { format: Negotiated; warnings: readonly string[] }, options?: { stream?: boolean }): Headers {
  const headers = new Headers({ 'content-type': contentType(format, options), 'cache-control': 'no-cache, private' });
  for (const warning of shortened(warnings)) headers.append('warning', `299 - "${warning.replace(/[\\"]/g, '\\$&').replace(/[^\x20-\x7e]/g, '?')}"`);
  return headers;
}

/** How many characters all warnings of an answer may have, and how many one of them when they have more (apiserver's endpoints/filters/warning.go). */
const ALL_WARNINGS = 4096;
const ONE_WARNING = 256;

/** Clients take headers of a limited length, and what a warning says is often what they sent: when it is too much, each is cut short and the last are left out. */
export function shortened(warnings: readonly string[]): readonly string[] {
  const distinct = [...new Set(warnings)];
  const total = (length: (text: string) => number) => distinct.reduce((sum, text) => sum + length(text), 0);
  // There are never more characters than units.
  if (total(({ length }) => length) <= ALL_WARNINGS || total(lengthOf) <= ALL_WARNINGS) return distinct;
  const short: string[] = [];
  let length = 0;
  for (const text of distinct) {
    if (length >= ALL_WARNINGS) break;
    const beginning = Array.from(text.slice(0, 2 * ONE_WARNING))
      .slice(0, ONE_WARNING)
      .join('');
    short.push(beginning);
    length += lengthOf(beginning);
  }
  return short;
}

/** In characters as Go counts them, of as much as matters. */
const lengthOf = (text: string) => (text.length > 2 * ALL_WARNINGS ? text.length : Array.from(text).length);

/** How a Table is to be rendered for this client. Throws 400 for an `includeObject` that there is not. */
export function tableOptions({ query, target, replica, format }: Pick<ReadCall, 'query' | 'target' | 'replica' | 'format'>): TableOptions {
  const includeObject = query.get('includeObject') || 'Metadata';
  if (includeObject !== 'None' && includeObject !== 'Metadata' && includeObject !== 'Object')
    throw badRequest(
      `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(includeObject)}: must be 'Metadata', 'Object', 'None', or empty`,
    );
  return { includeObject, now: replica.now(), served: target.fromStorage, version: format.asVersion!, fields: format.fields };
}

/** What is JSON for all clients, indented so that people can read it. */
export const jsonAnswer = ({ warnings }: Pick<ReadCall, 'warnings'>, value: object): Response =>
  new Response(JSON.stringify(value, undefined, 2), { headers: headersFor({ format: { mediaType: 'json', pretty: true }, warnings }) });
