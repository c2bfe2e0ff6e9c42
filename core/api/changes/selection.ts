import { exactField, type FieldRequirement, type FieldRequirements } from '../../apis/field-selectors.ts';
import { readWhen, type When } from '../../apis/logplane/when.ts';
import { parseKey } from '../../kube/object.ts';
import { badRequest } from '../../kube/status.ts';
import type { Offset } from '../../log/event.ts';
import type { Change } from '../../state/change.ts';
import type { ReadCall } from '../call.ts';
import type { ListOptions } from '../query/list-options.ts';
import { offsetOf } from '../request/reading.ts';

/** What of a change can be told without the object that it changed. */
export type Head = Pick<Change, 'offset' | 'type' | 'key' | 'actor' | 'cause' | 'time'>;

/** Which changes a list or a watch is about, but for the labels of their objects. */
export interface ChangeSelection {
  /** The one in the URL. */
  readonly namespace: string | undefined;
  readonly fields: FieldRequirements;
  readonly order: 'newest' | 'oldest';
}

/** Where a list of changes begins and ends, both included. */
export interface Range {
  readonly from: Offset;
  readonly to: Offset;
  /** The client has said where it begins. */
  readonly isBegun: boolean;
  /** The same of its end. */
  readonly isEnded: boolean;
}

/** Throws 400 for an order that there is not. */
export function changeSelectionOf({ info }: Pick<ReadCall, 'info'>, { fields }: Pick<ListOptions, 'fields'>): ChangeSelection {
  const order = valueIn(fields, 'order') ?? 'newest';
  if (order !== 'newest' && order !== 'oldest') throw invalidField('order', order, '"newest" or "oldest"');
  return { namespace: info.namespace, fields: fields.filter(({ field }) => !BOUNDS.has(field)), order };
}

/** The range that a selector asks for (`from=4000,to=2026-11-26T10:00:00Z`), up to `last`. Throws 400 for what is neither an offset nor a time, 504 for an offset that is not there yet. */
export async function rangeOf(call: ReadCall, { fields }: Pick<ListOptions, 'fields'>, last: Offset): Promise<Range> {
  const [from, to] = [boundOf(fields, 'from'), boundOf(fields, 'to')];
  return {
    from: from ? await firstAt(from, call) : 1,
    to: to ? Math.min(last, await offsetOf(to, call)) : last,
    isBegun: from !== undefined,
    isEnded: to !== undefined,
  };
}

/** The first offset at or after a moment. */
export async function firstAt(when: When, call: ReadCall): Promise<Offset> {
  if ('time' in when) return (await offsetOf({ time: justBefore(when.time) }, call)) + 1;
  return offsetOf(when, call);
}

const justBefore = (time: Change['time']): Change['time'] => (time - 1) as Change['time'];

const BOUNDS: ReadonlySet<string> = new Set(['from', 'to', 'order']);

function boundOf(fields: FieldRequirements, name: 'from' | 'to'): When | undefined {
  const text = valueIn(fields, name);
  if (text === undefined) return undefined;
  const when = readWhen(text);
  if (!when || 'bookmark' in when) throw invalidField(name, text, 'a resourceVersion or an RFC 3339 time');
  return when;
}

function valueIn(fields: FieldRequirements, name: string): string | undefined {
  if (fields.some(({ field, operator }) => field === name && operator === '!=')) throw badRequest(`field label ${JSON.stringify(name)} takes = alone`);
  return exactField(fields, name);
}

const invalidField = (name: string, value: string, wanted: string) =>
  badRequest(`invalid field selector: ${name}: Invalid value: ${JSON.stringify(value)}: must be ${wanted}`);

/** Whether nothing but a stretch of the log is asked for: then nothing has to be looked for. */
export const isEveryChange = ({ namespace, fields }: ChangeSelection): boolean => namespace === undefined && fields.length === 0;

export function matchesHead(head: Head, { namespace, fields }: ChangeSelection): boolean {
  if (namespace !== undefined && parseKey(head.key).namespace !== namespace) return false;
  return fields.every((requirement) => holds(requirement, head));
}

const holds = ({ field, operator, value }: FieldRequirement, head: Head): boolean => (fieldOf(head, field) === value) === (operator === '=');

function fieldOf({ offset, type, key, actor, cause }: Head, field: string): string {
  switch (field) {
    case 'metadata.name':
      return String(offset);
    case 'metadata.namespace':
    case 'namespace':
      return parseKey(key).namespace;
    case 'resource':
      return parseKey(key).resource;
    case 'name':
      return parseKey(key).name;
    case 'actor':
      return actor.username;
    case 'type':
      return type;
    case 'cause':
      return cause === undefined ? '' : String(cause);
    default:
      throw new Error(`changes are not selected by ${field}`);
  }
}
