import type { KubeObject } from '../../kube/object.ts';
import type { ReadCall } from '../call.ts';
import { partialOf, tableOf } from '../printers/table.ts';
import type { Target } from '../request/target.ts';
import { utf8Pieces } from '../utf8-pieces.ts';
import { answerWith, headersFor, tableOptions } from './answers.ts';

/** `meta.k8s.io/v1 ListMeta` */
export interface ListMeta {
  resourceVersion: string;
  continue?: string;
  remainingItemCount?: number;
}

/**
 * A list in the form that was agreed on. JSON goes out in pieces, each made when the one before is taken: a client that stands still holds up a piece or two,
 * and the objects as they were. Protobuf, and the forms that people read, are made whole.
 */
export function answerList(call: ReadCall, items: readonly KubeObject[], meta: ListMeta): Response {
  const { format, target } = call;
  const { head, element } = format.as === 'Table' ? tableForm(call, meta) : listForm(call, meta);
  const name = format.as === 'Table' ? 'rows' : 'items';
  if (format.mediaType !== 'json' || format.pretty) return answerWith(call, { ...head, [name]: items.map(element) });
  const text = format.as === undefined ? textOf(target) : (object: KubeObject) => JSON.stringify(element(object));
  const pieces = utf8Pieces(textsOf(items, `${JSON.stringify(head).slice(0, -1)},"${name}":[`, text), PIECE);
  const headers = headersFor(call);
  const { value, done } = pieces.next();
  const next = done ? undefined : pieces.next();
  if (!next || next.done) return new Response(value ?? '', { headers });
  return new Response(streamOf(value as Uint8Array, next.value, pieces), { headers });
}

/** A list but for its elements, and what each object is in it. */
interface ListForm {
  readonly head: object;
  readonly element: (object: KubeObject) => unknown;
}

function tableForm(call: ReadCall, meta: ListMeta): ListForm {
  const { format, target } = call;
  const options = tableOptions(call);
  const { rows: _, ...head } = tableOf([], target.table, meta, options);
  return {
    head: { ...head, apiVersion: format.asVersion! },
    element: (object) => tableOf([object], target.table, meta, options).rows[0],
  };
}

function listForm({ format, target }: ReadCall, metadata: ListMeta): ListForm {
  if (format.as === undefined) {
    return {
      head: { kind: target.resource.listKind, apiVersion: target.apiVersion, metadata },
      element: elementOf(target),
    };
  }
  return {
    head: { kind: 'PartialObjectMetadataList', apiVersion: format.asVersion!, metadata },
    element: (object) => ({ ...partialOf(object), apiVersion: format.asVersion! }),
  };
}

/** How much goes out at once, in bytes. */
const PIECE = 256 * 1024;

function* textsOf(items: readonly KubeObject[], head: string, text: (object: KubeObject) => string): Generator<string, undefined> {
  yield head;
  let first = true;
  for (const item of items) {
    if (!first) yield ',';
    first = false;
    yield text(item);
  }
  yield ']}\n';
}

function streamOf(first: Uint8Array, second: Uint8Array, rest: Iterator<Uint8Array>): ReadableStream<Uint8Array> {
  const ready = [first, second];
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const piece = ready.shift() ?? rest.next().value;
        if (piece === undefined) controller.close();
        else controller.enqueue(piece);
      },
    },
    // Nothing is made before it is asked for.
    { highWaterMark: 0 },
  );
}

/** An object in a list, where the list names the kind for all of them; one of custom resources says it of each. */
const elementOf = ({ resource, fromStorage }: Target): ((object: KubeObject) => unknown) =>
  resource.custom ? fromStorage : (object) => withoutType(fromStorage(object));

/** The text of `elementOf`. */
function textOf(target: Target): (object: KubeObject) => string {
  const element = elementOf(target);
  if (target.resource.custom) return target.textFromStorage;
  const { kind } = target.resource;
  // Most objects are kept with their type in front, which can be cut off their text.
  const usual = `{"apiVersion":${JSON.stringify(target.apiVersion)},"kind":${JSON.stringify(kind)},`;
  const other = `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(target.apiVersion)},`;
  return (object) => {
    const text = target.textFromStorage(object);
    if (text.startsWith(usual)) return `{${text.slice(usual.length)}`;
    if (text.startsWith(other)) return `{${text.slice(other.length)}`;
    return JSON.stringify(element(object));
  };
}

function withoutType({ apiVersion: _a, kind: _k, ...rest }: KubeObject) {
  return rest;
}
