import { int64Json } from '../../kube/int64.ts';
import type { KubeObject } from '../../kube/object.ts';
import { notAcceptable } from '../../kube/status.ts';
import type { ReadCall } from '../call.ts';
import { encodedAs, type Period, type Piece, withoutType } from '../codec/encoded-objects.ts';
import { Portion } from '../codec/portion.ts';
import { partialOf, tableOf } from '../printers/table.ts';
import type { FieldMask } from '../query/field-mask.ts';
import { maskedBy } from '../request/masked.ts';
import type { Target } from '../request/target.ts';
import { utf8Pieces } from '../utf8-pieces.ts';
import { answerWith, goType, headersFor, tableOptions } from './answers.ts';
import { answerPieces, answerPortions } from './large-answer.ts';

/** `meta.k8s.io/v1 ListMeta` */
export interface ListMeta {
  resourceVersion: string;
  continue?: string;
  remainingItemCount?: number;
}

/**
 * A list in the form that was agreed on. JSON goes out in pieces (large-answer.ts), of whole objects encoded once for all who list them. Protobuf, and the forms that
 * people read, are made whole.
 *
 * @param period within which a version of an object is the same (request/shown-in-time.ts)
 */
export function answerList(call: ReadCall, items: readonly KubeObject[], meta: ListMeta, period?: Period): Response {
  const { format } = call;
  const { head, element } = format.as === 'Table' ? tableForm(call, meta) : listForm(call, meta);
  const name = format.as === 'Table' ? 'rows' : 'items';
  if (format.mediaType !== 'json' || format.pretty || call.audit?.wantsResponse) return answerWith(call, { ...head, [name]: items.map(element) });
  const beginning = `${JSON.stringify(head).slice(0, -1)},"${name}":[`;
  const answered = { request: call.request, headers: headersFor(call) };
  if (format.as === undefined || format.as === 'Fields')
    return answerPortions(listPortions(call.api.encoded.pieces(items, encodedAs(call, period)), beginning), answered);
  const texts = textsOf(items, beginning, (object) => int64Json(element(object)));
  return answerPieces(utf8Pieces(texts, PIECE), answered);
}

/** A list but for its elements, and what each object is in it. */
interface ListForm {
  readonly head: object;
  readonly element: (object: KubeObject) => unknown;
}

function tableForm(call: ReadCall, meta: ListMeta): ListForm {
  const { target } = call;
  const options = tableOptions(call);
  const { rows: _, ...head } = tableOf([], target.table, meta, options);
  return {
    head,
    element: (object) => tableOf([object], target.table, meta, options).rows[0],
  };
}

function listForm({ format, target }: ReadCall, metadata: ListMeta): ListForm {
  if (format.as === undefined || format.as === 'Fields') {
    return {
      // A list of custom objects says also that nothing follows.
      head: { kind: target.resource.listKind, apiVersion: target.apiVersion, metadata: target.resource.custom ? { continue: '', ...metadata } : metadata },
      element: elementOf(target, format.fields),
    };
  }
  if (format.as === 'PartialObjectMetadata')
    throw notAcceptable(`you requested PartialObjectMetadata, but the requested object is a list (${goType(target, 'List')})`);
  return {
    head: { kind: 'PartialObjectMetadataList', apiVersion: format.asVersion!, metadata },
    element: (object) => partialOf(object, format.asVersion!),
  };
}

/** How much goes out at once, in bytes. */
const PIECE = 256 * 1024;

function* textsOf(items: readonly KubeObject[], beginning: string, text: (object: KubeObject) => string): Generator<string, undefined> {
  yield beginning;
  let first = true;
  for (const item of items) {
    if (!first) yield ',';
    first = false;
    yield text(item);
  }
  yield END;
}

const END = ']}\n';

/** A list made of what is encoded for all who list its objects. */
function* listPortions(pieces: Iterable<Piece>, beginning: string): Generator<Portion, undefined> {
  let isFirst = true;
  for (const piece of pieces) {
    yield isFirst ? new Portion(Buffer.concat([Buffer.from(beginning), piece.bytes.subarray(COMMA)])) : piece;
    isFirst = false;
  }
  yield new Portion(Buffer.from(isFirst ? beginning + END : END));
}

const COMMA = 1;

/** An object in a list; one of custom resources says its type. */
function elementOf(target: Target, fields: FieldMask | undefined): (object: KubeObject) => object {
  const shown: (object: KubeObject) => object = fields ? maskedBy(fields, target) : target.fromStorage;
  return target.resource.custom ? shown : (object) => withoutType(shown(object));
}
