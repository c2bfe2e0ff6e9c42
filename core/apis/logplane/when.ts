import { type ClusterInstant, clusterInstant } from '../../instant.ts';
import { subdomain } from '../../kube/validation/names.ts';
import type { Offset } from '../../log/event.ts';

/** Another point in time at which a cluster is read: `NAME@4711`, `NAME@2026-11-23T10:00:00Z`, or `NAME@BOOKMARK`. */
export type When = { readonly offset: Offset } | { readonly time: ClusterInstant } | { readonly bookmark: string };

/** undefined: it is nothing of these. */
export function readWhen(text: string): When | undefined {
  if (/^[1-9]\d{0,15}$/.test(text)) return { offset: Number(text) };
  const time = TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return { time: clusterInstant(time) };
  return looksLikeMoment(text) || subdomain(text).length > 0 ? undefined : { bookmark: text };
}

/** RFC 3339, with whatever fraction. */
const TIME = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/** What a person would read as an offset or a date names no bookmark. */
export const looksLikeMoment = (text: string): boolean => /^\d+$/.test(text) || /^\d{4}-\d\d($|[-t.])/i.test(text);

/** Of an offset that a log which ends at `end` does not have yet. */
export const afterEnd = (end: Offset): string => `must not be in the future: the log ends at ${end}`;
