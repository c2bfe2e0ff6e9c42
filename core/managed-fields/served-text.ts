import { timestamp } from '../kube/object.ts';
import type { FieldSet } from './field-set.ts';
import { fieldsV1Of } from './fields-v1.ts';
import type { Head } from './managed-entry.ts';
import { HOLES_IN_JSON, type Ownership } from './shapes.ts';

/**
 * `metadata.managedFields` as JSON, from the texts of its shape: it is longer than most objects, and says the same of all that are of one template.
 */
export function managedFieldsText([{ heads, sets }, ...own]: Ownership): string {
  let key = heads.length;
  let text = '';
  heads.forEach((head, i) => {
    const time = own[i] as number | null;
    const [first, ...others] = piecesOf(sets[i]!);
    let fields = first!;
    for (const piece of others) fields += `\\"${own[key++]}\\"${piece}`;
    const { before, after } = textsOf(head);
    text += `${i === 0 ? '' : ','}${before}${time === null ? '' : `"time":"${timestamp(time * 1000)}",`}"fieldsType":"FieldsV1","fieldsV1":${fields}${after}`;
  });
  return `[${text}]`;
}

/** The text of a set, in pieces between which an object's own keys stand. */
function piecesOf(set: FieldSet): readonly string[] {
  let pieces = known.get(set);
  if (!pieces) {
    const text = JSON.stringify(fieldsV1Of(set));
    pieces = set.holes === 0 ? [text] : text.split(HOLES_IN_JSON);
    known.set(set, pieces);
  }
  return pieces;
}

const known = new WeakMap<FieldSet, readonly string[]>();

interface HeadText {
  readonly before: string;
  readonly after: string;
}

function textsOf(head: Head): HeadText {
  let texts = headTexts.get(head);
  if (!texts) {
    const { manager, operation, apiVersion, subresource } = head;
    const before = JSON.stringify({ ...(manager && { manager }), operation, apiVersion });
    texts = { before: `${before.slice(0, -1)},`, after: subresource ? `,"subresource":${JSON.stringify(subresource)}}` : '}' };
    headTexts.set(head, texts);
  }
  return texts;
}

const headTexts = new WeakMap<Head, HeadText>();
