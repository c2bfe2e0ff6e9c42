import { type FieldRequirements, parseFieldSelector, type Selectable } from '../../apis/field-selectors.ts';
import { type LabelRequirements, parseLabelSelector } from '../../kube/selectors.ts';
import { badRequest, type FieldError, invalid } from '../../kube/status.ts';
import { forbiddenField, notSupported } from '../../kube/validation/field.ts';
import type { Offset } from '../../log/event.ts';
import { isTrue } from '../request/request-info.ts';

/** `meta.k8s.io/v1 ListOptions`, as a list or a watch is asked for. */
export interface ListOptions {
  readonly labels: LabelRequirements;
  readonly fields: FieldRequirements;
  /** Unset: the newest. 0: any. Otherwise at least this one, or exactly, as `match` says. */
  readonly offset: Offset | undefined;
  readonly match: 'Exact' | 'NotOlderThan' | undefined;
  /** 0: no limit. */
  readonly limit: number;
  readonly continueToken: string;
  readonly timeoutSeconds: number;
  readonly allowWatchBookmarks: boolean;
  readonly sendInitialEvents: boolean | undefined;
}

/**
 * Reads the query of a list or a watch (apimachinery/pkg/apis/meta/internalversion/validation).
 * Throws 400 for what cannot be read, 422 for what does not go together.
 */
export function readListOptions(query: URLSearchParams, { resource, watch }: { resource: Selectable; watch: boolean }): ListOptions {
  const match = query.get('resourceVersionMatch') ?? '';
  const sendInitialEvents = query.has('sendInitialEvents') ? isTrue(query.get('sendInitialEvents')) : undefined;
  const labels = query.get('labelSelector');
  const fields = query.get('fieldSelector');
  const errors = watch ? watchErrors(query, match, sendInitialEvents) : listErrors(query, match, sendInitialEvents);
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors);
  return {
    labels: labels ? parseLabelSelector(labels) : [],
    fields: fields ? parseFieldSelector(fields, resource) : [],
    offset: readOffset(query.get('resourceVersion')),
    match: match === 'Exact' || match === 'NotOlderThan' ? match : undefined,
    limit: readInteger(query, 'limit') ?? 0,
    continueToken: query.get('continue') ?? '',
    timeoutSeconds: readInteger(query, 'timeoutSeconds') ?? 0,
    allowWatchBookmarks: isTrue(query.get('allowWatchBookmarks')),
    sendInitialEvents,
  };
}

function listErrors(query: URLSearchParams, match: string, sendInitialEvents: boolean | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const resourceVersion = query.get('resourceVersion') ?? '';
  if (match !== '') {
    if (resourceVersion === '') errors.push(forbiddenField('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
    if (query.get('continue')) errors.push(forbiddenField('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided'));
    if (match !== 'Exact' && match !== 'NotOlderThan') errors.push(notSupported('resourceVersionMatch', match, ['Exact', 'NotOlderThan', '']));
    if (match === 'Exact' && resourceVersion === '0')
      errors.push(forbiddenField('resourceVersionMatch', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  }
  if (sendInitialEvents !== undefined) errors.push(forbiddenField('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  return errors;
}

function watchErrors(query: URLSearchParams, match: string, sendInitialEvents: boolean | undefined): FieldError[] {
  const errors: FieldError[] = [];
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan') {
    errors.push(forbiddenField('resourceVersionMatch', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'));
  }
  if (match !== '') {
    if (sendInitialEvents === undefined)
      errors.push(forbiddenField('resourceVersionMatch', 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'));
    if (match !== 'NotOlderThan') errors.push(notSupported('resourceVersionMatch', match, ['NotOlderThan']));
    if (query.get('continue')) errors.push(forbiddenField('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided'));
  }
  return errors;
}

/** A resourceVersion of a query: undefined when it is not set. Throws 400 when it is no number. */
export function readOffset(value: string | null): Offset | undefined {
  if (value === null || value === '') return undefined;
  if (!/^\d+$/.test(value)) {
    const text = JSON.stringify(value);
    throw badRequest(`invalid resource version: resourceVersion: Invalid value: ${text}: strconv.ParseUint: parsing ${text}: invalid syntax`);
  }
  return Number(value);
}

/** A whole number of a query; undefined when it is not set. Throws 400 when it is none, or none that 64 bits hold. */
export function readInteger(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name);
  if (value === null || value === '') return undefined;
  const number = /^[+-]?\d+$/.test(value) ? Number(value) : Number.NaN;
  if (Math.abs(number) <= 2 ** 63) return number;
  throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(value)}: ${Number.isNaN(number) ? 'invalid syntax' : 'value out of range'}`);
}
