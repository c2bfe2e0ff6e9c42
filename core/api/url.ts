import { badRequest } from '../status.ts';
import type { When } from './call.ts';
import { noSuchCluster } from './failures.ts';

export interface Location {
  readonly cluster: string;
  readonly when: When | undefined;
  /** What stands before the path: `/clusters/NAME`; '' for the default cluster. */
  readonly prefix: string;
  /** What follows the cluster: `/api/v1/pods`. */
  readonly path: string;
  readonly query: URLSearchParams;
}

const PREFIX = '/clusters/';
const NO_QUERY = '';

/**
 * Which cluster a URL speaks of, and at what time: `/clusters/NAME/api`, `/clusters/NAME@4711/api`, `/clusters/NAME@2026-11-23T10:00:00Z/api`. Other paths are those of
 * the default cluster; undefined when there is none. Throws 404 for what cannot be a cluster's name, and 400 when the part behind the @ is neither an offset nor a time.
 */
export function locate(url: string, defaultCluster: string | undefined): Location | undefined {
  // By hand, as this is done for every request: scheme://host/path?query#fragment
  const pathAt = url.indexOf('/', url.indexOf('//') + 2);
  const hashAt = url.indexOf('#', pathAt);
  const whole = pathAt === -1 ? '/' : url.slice(pathAt, hashAt === -1 ? undefined : hashAt);
  const queryAt = whole.indexOf('?');
  const fullPath = queryAt === -1 ? whole : whole.slice(0, queryAt);
  const query = new URLSearchParams(queryAt === -1 ? NO_QUERY : whole.slice(queryAt + 1));
  if (!fullPath.startsWith(PREFIX))
    return defaultCluster === undefined ? undefined : { cluster: defaultCluster, when: undefined, prefix: '', path: fullPath, query };
  const end = fullPath.indexOf('/', PREFIX.length);
  const { cluster, when } = readName(fullPath.slice(PREFIX.length, end === -1 ? undefined : end));
  const prefix = end === -1 ? fullPath : fullPath.slice(0, end);
  return { cluster, when, prefix, path: end === -1 ? '/' : fullPath.slice(end), query };
}

function readName(encoded: string): { cluster: string; when: When | undefined } {
  const name = encoded.includes('%') ? decoded(encoded) : encoded;
  const at = name.indexOf('@');
  const cluster = at === -1 ? name : name.slice(0, at);
  if (!isClusterName(cluster)) throw noSuchCluster(cluster.slice(0, 63));
  return { cluster, when: at === -1 ? undefined : readWhen(name.slice(at + 1)) };
}

/** Clusters are named like namespaces (RFC 1123 label). A name becomes part of keys of the log, which have other characters for themselves. */
export const isClusterName = (name: string): boolean => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name);

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badRequest('the name of the cluster is not a valid part of a URL');
  }
}

/** RFC 3339, with whatever fraction. */
const TIME = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

function readWhen(text: string): When {
  if (/^[1-9]\d{0,15}$/.test(text)) return { offset: Number(text) };
  const time = TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw badRequest(`${JSON.stringify(text)} is neither a resourceVersion nor an RFC 3339 time`);
  return { time };
}
