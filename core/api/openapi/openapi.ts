import { createHash } from 'node:crypto';
import { Apis } from '../../apis/apis.ts';
import { apiVersionOf } from '../../kube/group-version-kind.ts';
import { schemaOf } from '../../schema/built-in-types.ts';
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
export async function openapiIndex(apis: Apis, prefix = ''): Promise<Encoded> {
  const documents = documentsOf(apis);
  const paths: Record<string, { serverRelativeURL: string }> = {};
  for (const path of documents.paths) {
    const etag = customEtag(documents.about(path)!) ?? (await documents.get(path)).etag;
    paths[path] = { serverRelativeURL: `${prefix}/openapi/v3/${path}?hash=${etag.slice(1, -1)}` };
  }
  return encoded({ paths });
}

/** The document of a group and version; undefined when nothing of it is served. `path` is what follows `/openapi/v3/`: `api/v1`, `apis/apps/v1`. */
export async function openapiDocument(apis: Apis, path: string): Promise<Encoded | undefined> {
  const documents = documentsOf(apis);
  return documents.paths.includes(path) ? documents.get(path) : undefined;
}

interface Documents {
  readonly paths: readonly string[];
  /** What a document is about. */
  about(path: string): GroupVersion | undefined;
  get(path: string): Promise<Encoded>;
}

// A document is made when it is first asked for, and kept as bytes as long as something is served just so.
const known = new WeakMap<Apis, Documents>();

function documentsOf(apis: Apis): Documents {
  let documents = known.get(apis);
  if (!documents) {
    documents = makeDocuments(apis);
    known.set(apis, documents);
  }
  return documents;
}

function makeDocuments(apis: Apis): Documents {
  const served = groupVersionsOf(apis);
  const made = new Map<string, Encoded>();
  return {
    paths: [...served.keys()].sort(),
    about: (path) => served.get(path),
    async get(path) {
      const about = served.get(path)!;
      // All clusters share the documents to which they add nothing.
      if (apis !== Apis.builtIn && documentsOf(Apis.builtIn).about(path)?.list.length === about.list.length) return documentsOf(Apis.builtIn).get(path);
      const document = made.get(path) ?? knownCustom(about) ?? encoded(documentOf(about, await loadDescriptions()));
      if (isCustom(about)) keepCustom(about, document);
      else made.set(path, document);
      return document;
    },
  };
}

/**
 * The documents of custom resources, by the first version that each is about: another definition leaves them as they are. The index names the hashes of all of them, so
 * these are kept; the bytes, of which definitions may have megabytes, only as long as there is room.
 */
const ofCustom = new WeakMap<Served['served'], { readonly list: readonly Served[]; readonly etag: string; readonly bytes: WeakRef<Uint8Array> }>();

const isCustom = ({ list }: GroupVersion): boolean => list.every(({ resource }) => resource.custom);

function knownDocument({ list }: GroupVersion) {
  const known = ofCustom.get(list[0]!.served);
  return known?.list.length === list.length && known.list.every(({ served }, i) => served === list[i]!.served) ? known : undefined;
}

const customEtag = (about: GroupVersion): string | undefined => knownDocument(about)?.etag;

function knownCustom(about: GroupVersion): Encoded | undefined {
  const known = knownDocument(about);
  const bytes = known?.bytes.deref();
  return bytes && { bytes, etag: known!.etag };
}

const keepCustom = ({ list }: GroupVersion, { bytes, etag }: Encoded): void => void ofCustom.set(list[0]!.served, { list, etag, bytes: new WeakRef(bytes) });

/** What a document is about: all that is served of one version of a group. */
export interface GroupVersion {
  readonly group: string;
  readonly version: string;
  readonly list: readonly Served[];
}

/** What is served in each group and version, by the path of its document. */
export function groupVersionsOf({ resources }: Apis): ReadonlyMap<string, GroupVersion> {
  const rows = resources.flatMap((resource) => resource.versions.map((served) => ({ resource, served })));
  const byPath = Map.groupBy(rows, ({ resource: { group }, served: { version } }) => `${group ? 'apis' : 'api'}/${apiVersionOf({ group, version })}`);
  return new Map([...byPath].map(([path, list]) => [path, { group: list[0]!.resource.group, version: list[0]!.served.version, list }]));
}

/** One document, as an object. */
export function documentOf({ group, version, list }: GroupVersion, descriptions: Descriptions) {
  const { paths, types } = pathsOf(group, version, list);
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: versionInfo.gitVersion },
    paths,
    components: {
      schemas: schemasOf([...types, ...[STATUS, PATCH, DELETE_OPTIONS, RESOURCE_LIST].map((definition) => schemaOf(definition)!)], descriptions),
      securitySchemes: { BearerToken: { description: 'Bearer Token authentication', type: 'apiKey', name: 'authorization', in: 'header' } },
    },
  };
}

export const encoded = (value: object): Encoded => hashed(new TextEncoder().encode(JSON.stringify(value)));

export const hashed = (bytes: Uint8Array): Encoded => ({ bytes, etag: `"${createHash('sha512').update(bytes).digest('hex').toUpperCase()}"` });
