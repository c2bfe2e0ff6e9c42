import { int64Json } from '../../kube/int64.ts';
import type { KubeObject } from '../../kube/object.ts';
import { endsPiece } from '../../state/piece-end.ts';
import type { FieldMask } from '../query/field-mask.ts';
import { pathOf } from '../query/path-of.ts';
import { maskedBy } from '../request/masked.ts';
import type { Target } from '../request/target.ts';
import type { Deflated } from './deflated.ts';
import type { Negotiated } from './negotiate.ts';
import { Portion } from './portion.ts';

/**
 * Objects as JSON, for lists and for the beginnings of watches: a version of an object is encoded once for all of them. What follows each other in a list is kept together, in
 * pieces of about 128 KiB, which are kept compressed; a change makes one piece anew. Bounded in bytes; the piece that was not used for longest goes first.
 */
export class EncodedObjects {
  readonly #limit: number;
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many bytes are kept, the bookkeeping included. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Some objects as elements of a list, in their order, as their target serves them; each piece is made when the one before is taken. */
  *pieces(objects: readonly KubeObject[], { target, log, fields }: EncodedAs): Generator<Piece, undefined> {
    for (let first = 0; first < objects.length; ) {
      const name = `${target.resource.groupResource} ${target.apiVersion} ${log} ${fields?.text ?? ''} ${pathOf(objects[first]!)}`;
      const kept = log === undefined ? undefined : this.#kept.get(name);
      let piece: Piece;
      if (kept && isOf(kept, { objects, first, target })) {
        // What was used last comes last.
        this.#kept.delete(name);
        this.#kept.set(name, kept);
        piece = new Piece(kept);
      } else {
        const encoded = encode(objects, first, { target, fields });
        piece = new Piece(encoded);
        if (log !== undefined && encoded.isWhole)
          this.#keep(name, { ...encoded, target, portion: piece.deflated, versions: versionsOf(objects, first, piece) });
      }
      yield piece;
      first += piece.ends.length;
    }
  }

  #keep(name: string, kept: Kept): void {
    this.#forget(name);
    this.#kept.set(name, kept);
    this.#bytes += sizeOf(name, kept);
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#limit) return;
      this.#forget(oldest);
    }
  }

  #forget(name: string): void {
    const kept = this.#kept.get(name);
    if (!kept) return;
    this.#kept.delete(name);
    this.#bytes -= sizeOf(name, kept);
  }
}

/** As what objects are encoded, and of which log they are: a version of an object is the same everywhere in it. */
export interface EncodedAs {
  readonly target: Target;
  /** Undefined: that is not certain, and nothing is shared. */
  readonly log: string | undefined;
  /** Which of their fields; all, unless told. */
  readonly fields?: FieldMask | undefined;
}

export type Period = number | 'moment';

/** What a call knows of its cluster's log. */
interface OfCluster {
  readonly target: Target;
  readonly format: Negotiated;
  readonly replica: { readonly id: string; readonly restores: number };
  /** As they were when the call began. */
  readonly restores: number;
}

/**
 * As what the objects of a call's cluster are encoded. The log may have been restored since the call began: then versions say nothing. `period`: a version of an
 * object is the same only within one (request/shown-in-time.ts); where that is a `moment`, nothing of it is kept.
 */
export const encodedAs = ({ target, format, replica, restores }: OfCluster, period?: Period): EncodedAs => ({
  target,
  fields: format.fields,
  log: replica.restores === restores && period !== 'moment' ? `${replica.id} ${restores}${period === undefined ? '' : ` ${period}`}` : undefined,
});

/** What there is to say of a piece besides its bytes. */
interface Described {
  /** Where each object ends. */
  readonly ends: readonly number[];
  /** What stands in front of each in the text of the object alone: `{"apiVersion":"v1","kind":"Pod",` for its brace. Undefined: its type does not stand in front. */
  readonly type: string | undefined;
}

/**
 * Objects that follow each other, each behind a comma, and without its type, which the list has for all of them; with it where the resource is a custom one. UTF-8.
 */
export class Piece extends Portion implements Described {
  readonly ends: readonly number[];
  readonly type: string | undefined;

  constructor({ portion, ends, type }: Described & { readonly portion: Buffer | Deflated }) {
    super(portion);
    this.ends = ends;
    this.type = type;
  }
}

interface Kept extends Described {
  readonly target: Target;
  readonly portion: Deflated;
  readonly versions: readonly (string | undefined)[];
}

const versionsOf = (objects: readonly KubeObject[], first: number, { ends }: Described) =>
  objects.slice(first, first + ends.length).map(({ metadata }) => metadata.resourceVersion);

function isOf({ target: known, versions }: Kept, { objects, first, target }: { objects: readonly KubeObject[]; first: number; target: Target }): boolean {
  if (known !== target || first + versions.length > objects.length) return false;
  return versions.every((version, i) => version !== undefined && objects[first + i]!.metadata.resourceVersion === version);
}

/** `isWhole`: the piece ends by itself, and not because there is no more. What is less is encoded as fast as it is found. */
function encode(
  objects: readonly KubeObject[],
  first: number,
  { target, fields }: Pick<EncodedAs, 'target' | 'fields'>,
): Described & { readonly portion: Buffer; readonly isWhole: boolean } {
  const types = typesOf(target);
  const shown: (object: KubeObject) => object = fields ? maskedBy(fields, target) : target.fromStorage;
  const textOf = fields ? (object: KubeObject) => int64Json(shown(object)) : target.textFromStorage;
  const texts: string[] = [];
  let type: string | undefined;
  let size = 0;
  let isWhole = false;
  for (let i = first; i < objects.length && !isWhole; i++) {
    const object = objects[i]!;
    const whole = textOf(object);
    const own = types.find((candidate) => whole.startsWith(candidate));
    if (i > first && own !== type) break;
    type = own;
    const text = own === undefined ? `,${int64Json(withoutType(shown(object)))}` : `,{${whole.slice(own.length)}`;
    texts.push(text);
    size += text.length;
    isWhole = endsPiece(pathOf(object), text, size);
  }
  const bytes = Buffer.allocUnsafe(texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0));
  let end = 0;
  const ends = texts.map((text) => {
    end += bytes.write(text, end);
    return end;
  });
  return { portion: bytes, ends, type, isWhole };
}

/** How the text of an object may begin. Most are kept with their type in front, which can be cut off. */
function typesOf({ resource, apiVersion: version }: Target): readonly string[] {
  if (resource.custom) return ['{'];
  const apiVersion = `"apiVersion":${JSON.stringify(version)},`;
  const kind = `"kind":${JSON.stringify(resource.kind)},`;
  return [`{${apiVersion}${kind}`, `{${kind}${apiVersion}`];
}

/** An object in a list, where the list names the kind for all of them. */
export function withoutType({ apiVersion: _a, kind: _k, ...rest }: Partial<KubeObject>) {
  return rest;
}

/** Rounded sizes of V8: a place in the map, a string, an array and its buffer; and for each object its version, and two places in arrays. */
const OVERHEAD = 400;
const OVERHEAD_OF_OBJECT = 48;

const sizeOf = (name: string, { versions, portion }: Kept): number => OVERHEAD + name.length + OVERHEAD_OF_OBJECT * versions.length + portion.data.length;
