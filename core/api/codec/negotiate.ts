import { StatusError, unsupportedMediaType } from '../../kube/status.ts';
import type { FieldMask } from '../query/field-mask.ts';

/**
 * Which representation a client asked for with `Accept` (API concepts, "Alternate representations of resources";
 * staging/src/k8s.io/apiserver/pkg/endpoints/handlers/negotiation).
 */

export type Encoding = 'json' | 'yaml' | 'protobuf';

/** A conversion of the answer: `application/json;as=Table;v=v1;g=meta.k8s.io`. */
export type Transform = 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList' | 'APIGroupDiscoveryList';

export interface Negotiated {
  readonly mediaType: Encoding;
  readonly as?: Transform | 'Fields' | undefined;
  /** With `as: 'Fields'`: which ones; of a Table: which of the objects in its rows. */
  readonly fields?: FieldMask;
  /** The `apiVersion` of what `as` names: `meta.k8s.io/v1`, `apidiscovery.k8s.io/v2`. */
  readonly asVersion?: string;
  readonly pretty: boolean;
}

export interface Negotiation {
  /** The transforms that this endpoint can answer with. */
  readonly as?: readonly Transform[];
  /** The answer is a stream of watch events: YAML cannot be one. */
  readonly stream?: boolean;
  /** False for what has no protobuf form: custom resources, discovery's newest forms. Default: true. */
  readonly protobuf?: boolean;
  /** The query parameter `pretty`. */
  readonly pretty?: string | null;
  /** curl, wget and browsers get indented JSON, as from Kubernetes. */
  readonly userAgent?: string;
}

export const mediaTypes: Readonly<Record<Encoding, string>> = {
  json: 'application/json',
  yaml: 'application/yaml',
  protobuf: 'application/vnd.kubernetes.protobuf',
};

const encodings: readonly Encoding[] = ['json', 'yaml', 'protobuf'];

const versions: Readonly<Record<Transform, readonly string[]>> = {
  Table: ['meta.k8s.io/v1', 'meta.k8s.io/v1beta1'],
  PartialObjectMetadata: ['meta.k8s.io/v1', 'meta.k8s.io/v1beta1'],
  PartialObjectMetadataList: ['meta.k8s.io/v1', 'meta.k8s.io/v1beta1'],
  APIGroupDiscoveryList: ['apidiscovery.k8s.io/v2'],
};

/**
 * The best representation for an `Accept` header; a missing one means JSON.
 * Throws 406 NotAcceptable when nothing that the client takes can be given.
 */
export function negotiate(accept: string | null | undefined, options: Negotiation = {}): Negotiated {
  const pretty = wantsPretty(options);
  if (!accept) return { mediaType: 'json', pretty };
  for (const clause of clausesOf(accept)) {
    for (const encoding of encodings) {
      if (!matches(clause, mediaTypes[encoding]) || !serves(encoding, options)) continue;
      const stream = clause.params['stream'];
      if (stream && (stream !== 'watch' || encoding === 'yaml')) continue;
      const transform = transformOf(clause, encoding, options);
      if (transform === 'refused') continue;
      return { mediaType: encoding, ...transform, pretty: pretty || clause.params['pretty'] === '1' };
    }
  }
  const accepted = encodings
    .filter((encoding) => serves(encoding, options))
    .map((encoding) => `${mediaTypes[encoding]}${options.stream ? ';stream=watch' : ''}`);
  throw new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `only the following media types are accepted: ${accepted.join(', ')}`,
    reason: 'NotAcceptable',
    code: 406,
  });
}

/** The first of these media types that an `Accept` header would have; undefined when it would have none. */
export function preferredType(accept: string | null | undefined, offered: readonly string[]): string | undefined {
  for (const clause of clausesOf(accept || '*/*')) {
    const found = offered.find((mediaType) => matches(clause, mediaType));
    if (found) return found;
  }
  return undefined;
}

/** The `Content-Type` of an answer. */
export function contentType({ mediaType, as, asVersion }: Negotiated, { stream = false } = {}): string {
  if (as === 'APIGroupDiscoveryList') {
    const [g, v] = asVersion!.split('/');
    return `${mediaTypes[mediaType]};g=${g};v=${v};as=${as}`;
  }
  return stream && mediaType !== 'json' ? `${mediaTypes[mediaType]};stream=watch` : mediaTypes[mediaType];
}

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

const patchTypes: readonly (readonly [PatchType, string])[] = [
  ['json', 'application/json-patch+json'],
  ['merge', 'application/merge-patch+json'],
  ['strategic', 'application/strategic-merge-patch+json'],
  ['apply', 'application/apply-patch+yaml'],
];

/**
 * Which kind of patch a body is. Throws 415 UnsupportedMediaType when `accepted` (default: all) does not have its `Content-Type`.
 * Custom resources accept no strategic merge patch.
 */
export function patchType(header: string | null | undefined, accepted: readonly PatchType[] = ['json', 'merge', 'strategic', 'apply']): PatchType {
  const given = (header ?? '').split(';')[0]!.trim();
  const served = patchTypes.filter(([type]) => accepted.includes(type));
  const found = served.find(([, mediaType]) => mediaType === given);
  if (!found) throw unknownFormat(served.map(([, mediaType]) => mediaType));
  return found[0];
}

/** How a body is encoded. No `Content-Type` means JSON. Throws 415 UnsupportedMediaType when it is none that is read. */
export function bodyEncoding(header: string | null | undefined, { protobuf = true }: Pick<Negotiation, 'protobuf'> = {}): Encoding {
  if (!header) return 'json';
  const given = header.split(';')[0]!.trim().toLowerCase();
  const read = encodings.filter((encoding) => serves(encoding, { protobuf }));
  const found = read.find((encoding) => mediaTypes[encoding] === given);
  if (!found) throw unknownFormat(read.map((encoding) => mediaTypes[encoding]));
  return found;
}

const unknownFormat = (accepted: readonly string[]) =>
  unsupportedMediaType(`the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`);

const serves = (encoding: Encoding, { stream, protobuf = true }: Negotiation): boolean =>
  encoding === 'yaml' ? !stream : encoding === 'protobuf' ? protobuf : true;

function wantsPretty({ pretty, userAgent = '' }: Negotiation): boolean {
  if (pretty) return ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(pretty);
  return /^(curl|Wget|Mozilla\/5\.0)/.test(userAgent);
}

function transformOf({ params }: Clause, encoding: Encoding, { as: allowed = [] }: Negotiation): { as?: Transform; asVersion?: string } | 'refused' {
  const { as, g = '', v = '' } = params;
  if (as === undefined && !g && !v) return {};
  const transform = allowed.find((name) => name === as);
  if (!transform || !versions[transform].includes(`${g}/${v}`)) return 'refused';
  // Table has no protobuf form, and aggregated discovery is given as JSON.
  if (encoding === 'protobuf' && (transform === 'Table' || transform === 'APIGroupDiscoveryList')) return 'refused';
  return { as: transform, asVersion: `${g}/${v}` };
}

interface Clause {
  readonly type: string;
  readonly subtype: string;
  readonly q: number;
  readonly params: Readonly<Record<string, string>>;
}

/** The clauses of an Accept header: by q, then the more exact ones, then in the client's order. Broken ones are skipped. */
function clausesOf(accept: string): Clause[] {
  return accept
    .split(',')
    .flatMap((part) => clauseOf(part) ?? [])
    .filter((clause) => clause.q > 0)
    .sort((a, b) => b.q - a.q || wildcards(a) - wildcards(b));
}

const wildcards = ({ type, subtype }: Clause): number => (type === '*' ? 2 : subtype === '*' ? 1 : 0);

function clauseOf(part: string): Clause | undefined {
  const [name, ...rest] = part.split(';');
  const [type = '', subtype = type === '*' ? '*' : '', ...more] = name!.trim().split('/');
  if (!type || !subtype || more.length > 0) return undefined;
  const params: Record<string, string> = Object.create(null);
  for (const param of rest) {
    const [key, value, ...extra] = param.split('=');
    if (value !== undefined && extra.length === 0) params[key!.trim()] = value.trim();
  }
  const q = params['q'] === undefined ? 1 : Number.parseFloat(params['q']) || 0;
  return { type, subtype, q, params };
}

const matches = ({ type, subtype }: Clause, mediaType: string): boolean =>
  (type === '*' && subtype === '*') || `${type}/${subtype}` === mediaType || (subtype === '*' && mediaType.startsWith(`${type}/`));
