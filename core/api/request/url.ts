import { type ClusterInstant, clusterInstant } from '../../instant.ts';
import { isClusterName } from '../../kube/cluster-name.ts';
import { badRequest } from '../../kube/status.ts';
import type { Offset } from '../../log/event.ts';
import { noSuchCluster } from '../answers/failures.ts';

/** Another point in time at which a cluster is read: `NAME@4711` or `NAME@2026-11-23T10:00:00Z`. */
export type When = { readonly offset: Offset } | { readonly time: ClusterInstant };

export interface Location {
  readonly cluster: string;
  readonly when: When | undefined;
  /** What stands before the path, as it was sent: `/clusters/NAME`; '' for the default cluster. */
  readonly prefix: string;
  /** What follows the cluster, as it was sent: `/api/v1/pods`. */
  readonly path: string;
  /** The parts of that path, each decoded once. An empty one stands where one slash follows another, but not for a slash at the end. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
}

/**
 * Where a request goes, read from the target of its request line (RFC 9112, section 3.2) as it was sent. What was sent as `/a/../b` is never read as `/b`: `..` is a name like
 * any other here, and no object has it. `/clusters/NAME/api`, `/clusters/NAME@4711/api` and `/clusters/NAME@2026-11-23T10:00:00Z/api` name a cluster and a time; other paths are
 * those of the default cluster; undefined when there is none. Throws 404 for what cannot be a cluster's name, and 400 for what is no URL, in the words of Go's net/url,
 * and when the part behind the @ is neither an offset nor a time.
 */
export function locate(target: string, defaultCluster: string | undefined): Location | undefined {
  const { path, query } = split(target);
  const segments = segmentsOf(path);
  const [first, name] = segments;
  if (first !== CLUSTERS || name === undefined) {
    return defaultCluster === undefined ? undefined : { cluster: defaultCluster, when: undefined, prefix: '', path, segments, query };
  }
  const end = path.indexOf('/', path.indexOf('/', 1) + 1);
  return { ...readName(name), prefix: end === -1 ? path : path.slice(0, end), path: end === -1 ? '/' : path.slice(end), segments: segments.slice(2), query };
}

const CLUSTERS = 'clusters';

/** `/path?query`, what proxies are sent (`https://host/path?query`), or `*`. */
function split(target: string): { path: string; query: URLSearchParams } {
  if (/[\0-\x20\x7f]/.test(target)) throw badRequest('invalid control character in URL');
  const whole = target.startsWith('/') ? target : target.replace(/^https?:\/\/[^/?]*/i, '');
  if (whole === target && !target.startsWith('/') && target !== '*') throw badRequest(`parse ${JSON.stringify(target)}: invalid URI for request`);
  const queryAt = whole.indexOf('?');
  const path = queryAt === -1 ? whole : whole.slice(0, queryAt);
  return { path: path || '/', query: queryOf(queryAt === -1 ? '' : whole.slice(queryAt + 1)) };
}

/** Go leaves out what is malformed in a query, which makes a DELETE of what a selector selects one of everything. Here it is refused. */
function queryOf(text: string): URLSearchParams {
  if (text.includes(';')) throw badRequest('invalid semicolon separator in query');
  checkEscapes(text);
  return new URLSearchParams(text);
}

function segmentsOf(path: string): string[] {
  const parts = path.replace(/^\//, '').split('/');
  // go-restful takes `/api/v1/pods/` for `/api/v1/pods`.
  if (parts.at(-1) === '') parts.pop();
  return parts.map(decoded);
}

function decoded(part: string): string {
  if (!part.includes('%')) return part;
  checkEscapes(part);
  try {
    return decodeURIComponent(part);
  } catch {
    throw badRequest('invalid UTF-8 in URL');
  }
}

function checkEscapes(text: string): void {
  const wrong = /%(?![0-9A-Fa-f]{2}).{0,2}/.exec(text);
  if (wrong) throw badRequest(`invalid URL escape ${JSON.stringify(wrong[0])}`);
}

function readName(name: string): { cluster: string; when: When | undefined } {
  const at = name.indexOf('@');
  const cluster = at === -1 ? name : name.slice(0, at);
  if (!isClusterName(cluster)) throw noSuchCluster(cluster.slice(0, 63));
  const text = at === -1 ? undefined : name.slice(at + 1);
  const when = text === undefined ? undefined : readWhen(text);
  if (text !== undefined && !when) throw badRequest(`${JSON.stringify(text)} is neither a resourceVersion nor an RFC 3339 time`);
  return { cluster, when };
}

/** RFC 3339, with whatever fraction. */
const TIME = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/** Undefined: it is neither. */
export function readWhen(text: string): When | undefined {
  if (/^[1-9]\d{0,15}$/.test(text)) return { offset: Number(text) };
  const time = TIME.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : { time: clusterInstant(time) };
}
