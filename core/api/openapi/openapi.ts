import { createHash } from 'node:crypto';
import type { Resource } from '../../apis/api-resource.ts';
import { unknownPath } from '../../kube/status.ts';
import { loadDescriptions } from '../../schema/descriptions.ts';
import { versionInfo } from '../paths/version.ts';
import { DELETE_OPTIONS, PATCH, RESOURCE_LIST, STATUS } from './operations.ts';
import { pathsOf, type Served } from './paths.ts';
import { type Descriptions, schemasOf } from './schemas.ts';

/**
 * `/openapi/v3` and the documents below it, one for each group and version (concepts, "OpenAPI V3"). kubectl reads them for `explain`, for
 * `apply`'s patches, and to learn that the server validates fields; generators make clients of them.
 */

/** An answer that seldom changes: its bytes, and the hash of them that clients cache it by. */
export interface Encoded {
  readonly bytes: Uint8Array;
  /** The `ETag`, with its quotes. */
  readonly etag: string;
}

/**
 * The index: where the document of each group and version is, with its hash in the URL, so that clients can keep what they have.
 * @param prefix What stands before `/openapi` in the server's URL: `/clusters/NAME`.
 */
export async function openapiIndex(resources: readonly Resource[], prefix = ''): Promise<Encoded> {
  const documents = documentsOf(resources);
  const paths: Record<string, { serverRelativeURL: string }> = {};
  for (const path of documents.paths) {
    const { etag } = await documents.get(path);
    paths[path] = { serverRelativeURL: `${prefix}/openapi/v3/${path}?hash=${etag.slice(1, -1)}` };
  }
  return encoded({ paths });
}

/**
 * The document of a group and version. `path` is what follows `/openapi/v3/`: `api/v1`, `apis/apps/v1`.
 * Throws 404 NotFound when nothing of it is served.
 */
export async function openapiDocument(resources: readonly Resource[], path: string): Promise<Encoded> {
  const documents = documentsOf(resources);
  if (!documents.paths.includes(path)) throw unknownPath();
  return documents.get(path);
}

interface Documents {
  readonly paths: readonly string[];
  get(path: string): Promise<Encoded>;
}

// A document is made when it is first asked for, and kept as bytes as long as the list of resources that it was made from.
const known = new WeakMap<readonly Resource[], Documents>();

function documentsOf(resources: readonly Resource[]): Documents {
  let documents = known.get(resources);
  if (!documents) {
    documents = makeDocuments(resources);
    known.set(resources, documents);
  }
  return documents;
}

function makeDocuments(resources: readonly Resource[]): Documents {
  const served = groupVersionsOf(resources);
  const made = new Map<string, Encoded>();
  return {
    paths: [...served.keys()].sort(),
    async get(path) {
      const { group, version, list } = served.get(path)!;
      const descriptions = await loadDescriptions();
      const document = made.get(path) ?? encoded(documentOf(group, version, list, descriptions));
      made.set(path, document);
      return document;
    },
  };
}

/** What is served in each group and version, by the path of its document. */
export function groupVersionsOf(resources: readonly Resource[]): Map<string, { group: string; version: string; list: Served[] }> {
  const found = new Map<string, { group: string; version: string; list: Served[] }>();
  for (const resource of resources) {
    for (const served of resource.versions) {
      const path = resource.group ? `apis/${resource.group}/${served.version}` : `api/${served.version}`;
      const entry = found.get(path) ?? { group: resource.group, version: served.version, list: [] };
      entry.list.push({ resource, served });
      found.set(path, entry);
    }
  }
  return found;
}

/** One document, as an object. */
export function documentOf(group: string, version: string, served: readonly Served[], descriptions: Descriptions) {
  const { paths, types } = pathsOf(group, version, served);
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: versionInfo.gitVersion },
    paths,
    components: {
      schemas: schemasOf([...types, STATUS, PATCH, DELETE_OPTIONS, RESOURCE_LIST], descriptions),
      securitySchemes: { BearerToken: { description: 'Bearer Token authentication', type: 'apiKey', name: 'authorization', in: 'header' } },
    },
  };
}

export const encoded = (value: object): Encoded => hashed(new TextEncoder().encode(JSON.stringify(value)));

export const hashed = (bytes: Uint8Array): Encoded => ({ bytes, etag: `"${createHash('sha512').update(bytes).digest('hex').toUpperCase()}"` });
