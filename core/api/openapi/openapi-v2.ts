import type { Apis } from '../../apis/apis.ts';
import { loadDescriptions } from '../../schema/descriptions.ts';
import { versionInfo } from '../paths/version.ts';
import { documentOf, type Encoded, encoded, groupVersionsOf, hashed } from './openapi.ts';
import { type DocumentV2, encodeV2 } from './openapi-v2-protobuf.ts';
import type { Schema } from './schema.ts';

/**
 * `/openapi/v2`: everything in one Swagger 2.0 document, made from the v3 ones. Current kubectl does without it; Argo CD, Terraform and older
 * clients ask for it, client-go only in its protobuf form.
 */
export async function openapiV2(apis: Apis, form: 'json' | 'protobuf'): Promise<Encoded> {
  const made = known.get(apis) ?? {};
  known.set(apis, made);
  if (!made[form]) {
    const document = await documentV2(apis);
    made[form] = form === 'json' ? encoded(document) : hashed(encodeV2(document));
  }
  return made[form];
}

const known = new WeakMap<Apis, { json?: Encoded; protobuf?: Encoded }>();

type Json = Readonly<Record<string, unknown>>;

async function documentV2(apis: Apis): Promise<DocumentV2> {
  const descriptions = await loadDescriptions();
  const documents = [...groupVersionsOf(apis).values()].map((about) => documentOf(about, descriptions));
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: versionInfo.gitVersion },
    paths: sorted(Object.assign({}, ...documents.map(({ paths }) => mapValues(paths, pathItem)))),
    definitions: sorted(Object.assign({}, ...documents.map(({ components }) => mapValues(components.schemas, schema)))),
    securityDefinitions: { BearerToken: { description: 'Bearer Token authentication', type: 'apiKey', name: 'authorization', in: 'header' } },
    security: [{ BearerToken: [] }],
  };
}

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];

function pathItem(item: Json): Json {
  const out: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(item)) out[name] = methods.includes(name) ? operation(value as Json) : (value as Json[]).map(parameter);
  return out;
}

function operation(from: Json): Json {
  const { requestBody, responses, parameters = [], ...rest } = from;
  const { content, required } = (requestBody ?? {}) as { content?: Record<string, { schema: Schema }>; required?: boolean };
  const answers = responses as Record<string, { description: string; content?: Record<string, { schema: Schema }> }>;
  const body = content && { name: 'body', in: 'body', ...(required && { required }), schema: schema(Object.values(content)[0]!.schema) };
  return {
    ...rest,
    consumes: content ? Object.keys(content) : ['*/*'],
    produces: Object.keys(answers['200']?.content ?? { 'application/json': {} }),
    parameters: [...(body ? [body] : []), ...(parameters as Json[]).map(parameter)],
    responses: mapValues(answers, ({ description, content: answer }) => ({ description, ...(answer && { schema: schema(Object.values(answer)[0]!.schema) }) })),
  };
}

/** What v3 says of a parameter's value in `schema`, v2 says of the parameter itself. */
function parameter({ schema: type, ...rest }: Json): Json {
  return { ...rest, ...(type as Json) };
}

const PRESERVE = 'x-kubernetes-preserve-unknown-fields';

/**
 * v2 has no alternatives, no nulls and no defaults beside references, and a reference may have a description. kubectl cannot cope with fields beside unknown ones
 * (apiextensions-apiserver's pkg/controller/openapi/v2).
 */
function schema(from: Schema): Schema {
  const { allOf, oneOf, anyOf: _a, not: _n, nullable, default: _d, ...rest } = from as Schema & { allOf?: Schema[]; oneOf?: Schema[] };
  const out: Record<string, unknown> = { ...rest };
  const [first] = allOf ?? [];
  if (oneOf && !out['type'] && !out[PRESERVE]) out['type'] = 'string';
  if (first?.['$ref']) Object.assign(out, first);
  if (nullable || out[PRESERVE]) for (const name of ['items', 'properties', ...(nullable || out['type'] === 'object' ? ['type'] : [])]) delete out[name];
  if (out['type'] === 'array' && !out['items']) delete out['type'];
  if (out['$ref']) out['$ref'] = String(out['$ref']).replace('#/components/schemas/', '#/definitions/');
  if (out['items']) out['items'] = schema(out['items'] as Schema);
  if (typeof out['additionalProperties'] === 'object') out['additionalProperties'] = schema(out['additionalProperties'] as Schema);
  if (out['properties']) out['properties'] = mapValues(out['properties'] as Record<string, Schema>, schema);
  return out;
}

const mapValues = <A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));

const sorted = <T>(record: Record<string, T>): Record<string, T> => Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
