import { epochMs, type RealInstant, realInstant } from '../../instant.ts';
import { badRequest, expired, type StatusError } from '../../kube/status.ts';
import type { Offset } from '../../log/event.ts';

/** Where the next page of a list begins (API concepts, "Retrieving large results sets in chunks"). */
export interface ContinueToken {
  /** The offset at which the whole list is read; -1: the newest, when the one that the list began with is no longer kept. */
  readonly offset: Offset | -1;
  /** The `namespace/name` after which it goes on. */
  readonly after: string;
  /** When the first page of the list was read. */
  readonly since: RealInstant;
}

export const writeContinueToken = ({ offset, after, since }: ContinueToken): string =>
  Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: offset, start: after, since: epochMs(since) })).toString('base64url');

/** Throws 400 when it is none of ours. */
export function readContinueToken(text: string): ContinueToken {
  const illegal = illegalByte(text);
  if (illegal !== -1) throw badRequest(`invalid continue token: continue key is not valid: illegal base64 data at input byte ${illegal}`);
  let token: { v?: unknown; rv?: unknown; start?: unknown; since?: unknown };
  try {
    token = JSON.parse(Buffer.from(text, 'base64url').toString()) as typeof token;
  } catch {
    throw badRequest('invalid continue token: continue key is not valid');
  }
  const { v, rv, start, since } = token ?? {};
  if (v !== 'meta.k8s.io/v1') throw badRequest(`invalid continue token: continue key is not valid: server does not recognize this encoded version ${v ?? ''}`);
  if (typeof rv !== 'number' || !Number.isSafeInteger(rv) || rv === 0 || rv < -1) {
    throw badRequest('invalid continue token: continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  }
  if (typeof start !== 'string' || start === '') {
    throw badRequest('invalid continue token: continue key is not valid: encoded start key empty (version meta.k8s.io/v1)');
  }
  if (typeof since !== 'number') throw badRequest('invalid continue token: continue key is not valid: incorrect encoded start time (version meta.k8s.io/v1)');
  return { offset: rv, after: start, since: realInstant(since) };
}

/** Where Go's decoder of unpadded base64 for URLs stops; -1: nowhere. */
function illegalByte(text: string): number {
  const at = text.search(/[^A-Za-z0-9_-]/);
  return at === -1 && text.length % 4 === 1 ? text.length - 1 : at;
}

/** 410 for a token that is too old, or whose offset is no longer kept; it carries one with which the list can go on, inconsistently. */
export function expiredToken({ after }: ContinueToken, now: RealInstant): StatusError {
  const error = expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
  );
  error.status.metadata = { continue: writeContinueToken({ offset: -1, after, since: now }) };
  return error;
}
