import type { KubeObject } from '../object.ts';
import { partialOf, tableOf } from '../resources/table.ts';
import { answerWith, headersFor, tableOptions } from './answers.ts';
import type { Call } from './call.ts';
import type { Target } from './target.ts';

/** `meta.k8s.io/v1 ListMeta` */
export interface ListMeta {
  resourceVersion: string;
  continue?: string;
  remainingItemCount?: number;
}

/** A list in the form that was agreed on. Large ones go out in pieces, so that they are never in memory twice. */
export function answerList(call: Call, items: readonly KubeObject[], meta: ListMeta): Response {
  const { format, target } = call;
  const asTable = format.as === 'Table';
  if (asTable) return answerWith(call, { ...tableOf(items, target.kept.strategy, meta, tableOptions(call)), apiVersion: format.asVersion! });
  const partial = format.as !== undefined;
  const head = partial
    ? { kind: 'PartialObjectMetadataList', apiVersion: format.asVersion!, metadata: meta }
    : { kind: `${target.resource.kind}List`, apiVersion: target.apiVersion, metadata: meta };
  const itemOf = partial ? ({ metadata }: KubeObject) => ({ ...partialOf({ metadata } as KubeObject), apiVersion: format.asVersion! }) : target.toServed;
  // Protobuf and the forms that people read are made whole; programs that list much take JSON.
  if (format.mediaType !== 'json' || format.pretty) {
    return answerWith(call, { ...head, items: items.map((object) => (partial ? itemOf(object) : withoutType(itemOf(object) as KubeObject))) });
  }
  const pieces = piecesOf(items, head, partial ? (object) => JSON.stringify(itemOf(object)) : textOf(target));
  const headers = headersFor(call);
  const { value, done } = pieces.next();
  const next = done ? undefined : pieces.next();
  if (!next || next.done) return new Response(value ?? '', { headers });
  return new Response(streamOf(value as string, next.value, pieces), { headers });
}

/** How much text goes out at once, in characters. */
const PIECE = 256 * 1024;

function* piecesOf(items: readonly KubeObject[], head: object, text: (object: KubeObject) => string): Generator<string, undefined> {
  let piece = `${JSON.stringify(head).slice(0, -1)},"items":[`;
  let first = true;
  for (const item of items) {
    piece += first ? text(item) : `,${text(item)}`;
    first = false;
    if (piece.length >= PIECE) {
      yield piece;
      piece = '';
    }
  }
  yield `${piece}]}\n`;
}

function streamOf(first: string, second: string, rest: Iterator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const ready = [first, second];
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = ready.shift() ?? rest.next().value;
      if (piece === undefined) controller.close();
      else controller.enqueue(encoder.encode(piece));
    },
  });
}

/** The text of an object in a list, where the list names the kind for all of them. */
function textOf(target: Target): (object: KubeObject) => string {
  const { kind } = target.resource;
  // Most objects are kept with their type in front, which can be cut off their text.
  const usual = `{"apiVersion":${JSON.stringify(target.apiVersion)},"kind":${JSON.stringify(kind)},`;
  const other = `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(target.apiVersion)},`;
  return (object) => {
    const served = target.toServed(object);
    const text = JSON.stringify(served);
    if (text.startsWith(usual)) return `{${text.slice(usual.length)}`;
    if (text.startsWith(other)) return `{${text.slice(other.length)}`;
    return JSON.stringify(withoutType(served));
  };
}

function withoutType({ apiVersion: _a, kind: _k, ...rest }: KubeObject) {
  return rest;
}
