import { apisOf } from '../../../apis/apis.ts';
import { type Fields, isFields } from '../../../kube/fields.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { badRequest, StatusError, unauthorized, unknownPath, unsupportedMediaType } from '../../../kube/status.ts';
import { ANONYMOUS } from '../../../kube/user.ts';
import { ApiClient, type PatchType, type Target } from '../api-client.ts';
import type { Caller } from '../caller.ts';
import { looksDeep } from '../kubectl/manifests.ts';
import { Failed, notSimulated, type Outcome } from '../outcome.ts';
import { type HttpRequest, httpRequestOf, selectorOf } from './http-request.ts';

/** `curl` or `wget` with the URL of something that the API serves, as the API server answers it: as JSON that is laid out, as both say who they are. */
export const httpCall =
  (program: 'curl' | 'wget') =>
  (args: readonly string[], caller: Caller): Outcome => {
    // That it is one of the API was found out when it was called.
    const request = httpRequestOf(program, args, () => true)!;
    if (!request.trusts) return ended(request, 60, '', 'curl: (60) SSL certificate problem: unable to get local issuer certificate\n');
    const client = new ApiClient(request.credentials === 'token' ? caller : { ...caller, user: ANONYMOUS });
    try {
      if (request.credentials === 'unknown') throw unauthorized();
      const answer = answerTo(request, client, { ...caller, program });
      if (answer === 'watch') return { type: 'waits', error: '' };
      const { mutations, later, looked } = client;
      return { ...answered(program, request, answer), mutations, later, looked };
    } catch (error) {
      if (error instanceof Failed) return ended(request, error.exitCode, '', `${error.message}\n`);
      if (!(error instanceof StatusError)) throw error;
      return answered(program, request, { code: error.code, body: error.status });
    }
  };

interface Answer {
  readonly code: number;
  /** Undefined: it is not known. */
  readonly body: unknown;
}

function answered(program: 'curl' | 'wget', request: HttpRequest, { code, body }: Answer): Outcome & { type: 'ended' } {
  if (code >= 400 && request.fails) {
    return program === 'curl'
      ? ended(request, 22, writtenOut(request, code), `curl: (22) The requested URL returned error: ${code}\n`)
      : ended(request, 1, '', `wget: server returned error: HTTP/1.1 ${code} ${REASONS[code] ?? ''}\n`);
  }
  const text = request.savedAs === undefined ? (body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body, undefined, 2)) : '';
  return ended(request, 0, text === undefined ? undefined : text + writtenOut(request, code));
}

function ended({ quiet }: HttpRequest, exitCode: number, output: string | undefined, error?: string): Outcome & { type: 'ended' } {
  return { type: 'ended', exitCode, output, ...(error && !quiet && { error }) };
}

const writtenOut = ({ writeOut = '' }: HttpRequest, code: number): string =>
  writeOut.replaceAll('%{http_code}', String(code)).replaceAll('%{response_code}', String(code)).replaceAll('\\n', '\n');

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Entity',
};

/** Paths of which it is known that they are served, and not what is there. */
const SERVED = /^\/(version|api|api\/v1|apis|apis\/[^/]+|apis\/[^/]+\/[^/]+|openapi\/.*)?\/?$/;
const HEALTH = /^\/(healthz|livez|readyz)\/?$/;

/** What comes of writing is not known here before it is decided. */
function answerTo(request: HttpRequest, client: ApiClient, caller: Caller & { program: string }): Answer | 'watch' {
  const { method, path, query, body } = request;
  if (HEALTH.test(path)) return { code: 200, body: 'ok' };
  if (SERVED.test(path)) return { code: 200, body: undefined };
  const { target, subresource } = targetOf(path, caller);
  const isNamed = target.name !== '';
  if (subresource !== undefined) {
    if (method !== 'GET') throw notSimulated(`${caller.program} -X ${method} of ${subresource}`);
    client.permit('get', target, { subresource });
    client.existing(target);
    return { code: 200, body: undefined };
  }
  const manager = caller.program === 'curl' ? 'curl' : 'Wget';
  switch (method) {
    case 'GET': {
      if (isNamed) return { code: 200, body: client.get(target) };
      const watches = /^(1|true)$/.test(query.get('watch') ?? '');
      if (watches) client.permit('watch', target);
      const items = client.list(target, selectorOf(query));
      const { kind, group } = target.api;
      const apiVersion = items[0]?.apiVersion ?? [group, target.api.versions[0]!.version].filter(Boolean).join('/');
      return watches ? 'watch' : { code: 200, body: { kind: `${kind}List`, apiVersion, metadata: { resourceVersion: String(caller.state.offset) }, items } };
    }
    case 'POST':
      client.create(target, sent(request, target, caller), manager);
      return { code: 201, body: undefined };
    case 'PUT':
      client.replace(target, sent(request, target, caller), manager);
      return { code: 200, body: undefined };
    case 'PATCH': {
      const type = PATCHES[request.contentType];
      if (!type)
        throw unsupportedMediaType(`the body of the request was in an unknown format - accepted media types include: ${Object.keys(PATCHES).join(', ')}`);
      client.patch(target, parsed(request, caller), type, manager);
      return { code: 200, body: undefined };
    }
    case 'DELETE':
      if (!isNamed) throw notSimulated(`${caller.program} -X DELETE of a collection`);
      client.delete(target, body === undefined ? {} : deleteOptions(parsed(request, caller)));
      return { code: 200, body: undefined };
    default:
      throw notSimulated(`${caller.program} -X ${method}`);
  }
}

const PATCHES: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
};

/** `/api/v1/…` and `/apis/GROUP/VERSION/…`. Throws 404. */
function targetOf(path: string, { state }: Caller): { target: Target; subresource: string | undefined } {
  const parts = path
    .replace(/^\/|\/$/g, '')
    .split('/')
    .map((part) => decoded(part) ?? '');
  const [group, version, ...rest] = parts[0] === 'api' ? ['', ...parts.slice(1)] : parts[0] === 'apis' ? parts.slice(1) : [];
  const isNamespaced = rest[0] === 'namespaces' && rest.length > 2 && !(rest.length === 3 && rest[2] === 'status');
  const [resource, name = '', subresource] = isNamespaced ? rest.slice(2) : rest;
  const api = apisOf(state).resources.find(
    (each) => each.group === group && each.resource === resource && each.versions.some((served) => served.version === version),
  );
  if (!api) throw unknownPath();
  return { target: { api, name, ...(isNamespaced && { namespace: rest[1]! }) }, subresource };
}

/** Undefined: it is not encoded as a part of a URL. */
function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

function deleteOptions({ gracePeriodSeconds, propagationPolicy }: Fields): Parameters<ApiClient['delete']>[1] {
  return {
    ...(typeof gracePeriodSeconds === 'number' && { gracePeriodSeconds }),
    ...(isPropagationPolicy(propagationPolicy) && { propagationPolicy }),
  };
}

type PropagationPolicy = 'Background' | 'Foreground' | 'Orphan';
const isPropagationPolicy = (value: unknown): value is PropagationPolicy => ['Background', 'Foreground', 'Orphan'].some((policy) => policy === value);

const MEDIA_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];

function sent(request: HttpRequest, { api, namespace, name }: Target, caller: Caller): KubeObject {
  if (request.contentType !== 'application/json') {
    throw unsupportedMediaType(`the body of the request was in an unknown format - accepted media types include: ${MEDIA_TYPES.join(', ')}`);
  }
  const object = parsed(request, caller);
  const { metadata = {} } = object;
  if (!isFields(metadata)) throw badRequest('json: cannot unmarshal string into Go struct field .metadata of type v1.ObjectMeta');
  const { group, versions, kind } = api;
  return {
    apiVersion: [group, versions[0]!.version].filter(Boolean).join('/'),
    kind,
    ...object,
    metadata: { ...(name && { name }), ...metadata, ...(namespace !== undefined && { namespace }) },
  } as unknown as KubeObject;
}

/** An object, or the list that a JSON patch is. Throws 400. */
function parsed({ body = '' }: HttpRequest, { files, input }: Caller): Fields {
  const path = /^@(.*)$/s.exec(body)?.[1];
  const text = path === undefined ? body : path === '-' ? input : files(path)?.get(path);
  if (text === undefined) throw notSimulated('what is sent');
  try {
    const value = looksDeep(text) ? undefined : (JSON.parse(text) as unknown);
    if (typeof value === 'object' && value !== null) return value as Fields;
  } catch {
    // Told below.
  }
  throw badRequest("couldn't get version/kind; json parse error");
}
