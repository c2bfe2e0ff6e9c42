import { int64Json } from '../../kube/int64.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { Status } from '../../kube/status.ts';
import type { Offset } from '../../log/event.ts';
import type { Change } from '../../state/change.ts';
import { tableOptions } from '../answers/answers.ts';
import type { WatchCall } from '../call.ts';
import { encodeWatchEvent } from '../codec/body.ts';
import { type EncodedAs, type EncodedObjects, encodedAs } from '../codec/encoded-objects.ts';
import { partialOf, tableOf } from '../printers/table.ts';
import { maskedBy } from '../request/masked.ts';
import { utf8Pieces } from '../utf8-pieces.ts';
import type { WatchEvent } from './watch-event.ts';
import { SLICE } from './watch-stream.ts';

/** Makes the frames of one watch, in the form that was agreed on. */
export interface WatchEncoder {
  /** What is there already, in pieces, each made when the one before is taken. */
  initial(objects: readonly KubeObject[]): Generator<Uint8Array>;
  change(change: Change, event: WatchEvent): Uint8Array;
  /** An event that is made for this watch, and shared with no other. */
  own(event: WatchEvent): Uint8Array;
  bookmark(offset: Offset, annotations?: Record<string, string>): Uint8Array;
  error(status: Status): Uint8Array;
}

/** `restores`: of the cluster's log, when the watch began: what was encoded of an offset before says nothing of it. */
export function watchEncoder(call: WatchCall, { restores }: { restores: number }): WatchEncoder {
  const { format, target } = call;
  const form = formOf(call);
  const isText = format.mediaType === 'json' && format.as === undefined;
  const text = isText ? target.textFromStorage : (object: KubeObject) => int64Json(form(object));
  const encode = (type: string, object: KubeObject) =>
    isText ? encoder.encode(`{"type":"${type}","object":${text(object)}}\n`) : encodeWatchEvent(type, form(object), format);
  const inForm = `${format.mediaType} ${format.as ?? ''} ${format.asVersion ?? ''} ${format.fields?.text ?? ''}`;
  const sharedAs = `${target.resource.groupResource} ${target.apiVersion} ${inForm} ${call.replica.id} ${restores}`;
  return {
    initial(objects) {
      if (format.mediaType !== 'json') return joined(objects, (object) => encode('ADDED', object));
      return format.as === undefined ? addedPieces(objects, encodedAs(call), call.api.encoded) : utf8Pieces(linesOf(objects, text), SLICE);
    },
    change(change, { type, object }) {
      // The cells of a Table depend on the time, and its first event carries the columns.
      if (format.as === 'Table') return encode(type, object);
      return call.api.frames.get(`${type} ${change.offset} ${sharedAs}`, () => encode(type, object));
    },
    own: ({ type, object }) => encode(type, object),
    bookmark(offset, annotations) {
      const metadata = { resourceVersion: String(offset), ...(annotations && { annotations }) } as KubeObject['metadata'];
      const bare = { kind: target.resource.kind, apiVersion: target.apiVersion, metadata };
      // A bookmark is of no kept kind: it must not go through a conversion that expects a whole object.
      const object =
        format.as === 'Table' ? tableOfBookmark(bare, format.asVersion!) : format.as && format.as !== 'Fields' ? partialOf(bare, format.asVersion!) : bare;
      return encodeWatchEvent('BOOKMARK', object, format);
    },
    error: (status) => encodeWatchEvent('ERROR', status, format),
  };
}

const encoder = new TextEncoder();

function* linesOf(objects: readonly KubeObject[], text: (object: KubeObject) => string): Generator<string> {
  for (const object of objects) {
    yield ADDED;
    yield text(object);
    yield END;
  }
}

/** The same, made of what is encoded for all who list the objects. */
function* addedPieces(objects: readonly KubeObject[], as: EncodedAs, encoded: EncodedObjects): Generator<Uint8Array> {
  let first = 0;
  for (const { bytes, ends, type } of encoded.pieces(objects, as)) {
    if (type === undefined) yield* utf8Pieces(linesOf(objects.slice(first, first + ends.length), as.target.textFromStorage), SLICE);
    else yield added(bytes, ends, ADDED + type);
    first += ends.length;
  }
}

function added(elements: Buffer, ends: readonly number[], before: string): Uint8Array {
  const out = Buffer.allocUnsafe(elements.length + ends.length * (before.length + END.length - COMMA_AND_BRACE));
  let at = 0;
  let begin = 0;
  for (const end of ends) {
    at += out.write(before, at, 'latin1');
    at += elements.copy(out, at, begin + COMMA_AND_BRACE, end);
    at += out.write(END, at, 'latin1');
    begin = end;
  }
  return out;
}

const ADDED = '{"type":"ADDED","object":';
const END = '}\n';
const COMMA_AND_BRACE = 2;

function* joined(objects: readonly KubeObject[], encode: (object: KubeObject) => Uint8Array): Generator<Uint8Array> {
  let ready: Uint8Array[] = [];
  let size = 0;
  for (const object of objects) {
    const frame = encode(object);
    ready.push(frame);
    size += frame.length;
    if (size < SLICE) continue;
    yield concat(ready);
    ready = [];
    size = 0;
  }
  if (ready.length > 0) yield concat(ready);
}

function formOf(call: WatchCall): (object: KubeObject) => object {
  const { format, target } = call;
  if (format.as === 'Fields') return maskedBy(format.fields!, target);
  if (format.as === undefined) return target.fromStorage;
  if (format.as !== 'Table') return (object) => partialOf(object, format.asVersion!);
  const shown = tableOptions(call);
  let noHeaders = false;
  return (object) => {
    const options = { ...shown, noHeaders, now: call.replica.now() };
    noHeaders = true;
    return tableOf([object], target.table, { resourceVersion: object.metadata.resourceVersion }, options);
  };
}

const tableOfBookmark = (object: KubeObject, apiVersion: string) => ({
  kind: 'Table',
  apiVersion,
  metadata: { resourceVersion: object.metadata.resourceVersion },
  columnDefinitions: null,
  rows: [{ cells: [], object: partialOf(object, apiVersion) }],
});

export const concat = (frames: readonly Uint8Array[]): Uint8Array => (frames.length === 1 ? frames[0]! : Buffer.concat(frames));
