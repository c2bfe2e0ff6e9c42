import { type Apis, apisOf } from '../../apis/apis.ts';
import { apiVersionOf } from '../../kube/group-version-kind.ts';
import { answerWith, jsonAnswer } from '../answers/answers.ts';
import { methodNotAllowed, pageNotFound } from '../answers/failures.ts';
import type { ApiContext, AuthorizedCall, LocatedCall } from '../call.ts';
import { encodeBody } from '../codec/body.ts';
import { contentType } from '../codec/negotiate.ts';
import { aggregatedDiscovery, group, groupList, legacyVersions, resourceList } from '../discovery/discovery.ts';
import type { Encoded } from '../openapi/openapi.ts';
import { openapiPage } from '../openapi/pages.ts';
import { stateFor } from '../request/reading.ts';
import { formatOf } from '../stages/negotiate.ts';
import { checkNames, checksOf, type HealthEndpoint, healthAnswer } from './health.ts';
import { openidConfiguration, openidKeys } from './openid.ts';
import { subscriptionMetrics } from './subscription-metrics.ts';
import { versionInfo } from './version.ts';

/** What is served besides resources: discovery, OpenAPI, metrics, and what every client may get. Whatever is not here is "404 page not found", in plain text. */
export const servePath = (call: AuthorizedCall): Promise<Response> => serveOneOf(pages, call);

/** What every client may get, with or without a token (the default role system:public-info-viewer). */
export const isPublicInfo = (path: string): boolean => PUBLIC_INFO.has(path);

const PUBLIC_INFO: ReadonlySet<string> = new Set(['/healthz', '/livez', '/readyz', '/version', '/version/']);

/** Health and version, for which nothing of the cluster need be known. */
export const servePublicPath = (call: LocatedCall): Promise<Response> => serveOneOf(publicPages, call);

async function serveOneOf<Call extends LocatedCall>(pages: Pages<Call>, call: Call): Promise<Response> {
  const [first = ROOT, ...rest] = call.segments;
  const page = Object.hasOwn(pages, first) && !call.segments.includes('') ? pages[first] : undefined;
  if (!page) return pageNotFound();
  if (call.info.verb !== 'get' && call.info.verb !== 'head') throw methodNotAllowed();
  return (await page(call, rest)) ?? pageNotFound();
}

/** `rest`: the parts of the path behind the page's own name. Nothing: there is no such page. */
type Page<Call> = (call: Call, rest: readonly string[]) => Response | undefined | Promise<Response | undefined>;

type Pages<Call> = Readonly<Record<string, Page<Call>>>;

const ROOT = '';

const publicPages: Pages<LocatedCall> = {
  healthz: (call, rest) => health(call, 'healthz', rest),
  livez: (call, rest) => health(call, 'livez', rest),
  readyz: (call, rest) => health(call, 'readyz', rest),
  version: (call, rest) => (rest.length === 0 ? jsonAnswer(call, versionInfo) : undefined),
};

const pages: Pages<AuthorizedCall> = {
  ...publicPages,
  [ROOT]: async (call) => jsonAnswer(call, { paths: pathsOf(await apisFor(call), call.api) }),
  api: async (call, [version, ...more]) => {
    if (more.length > 0) return undefined;
    const apis = await apisFor(call);
    return version === undefined ? discovery(call, apis, '/api') : document(call, resourceList(apis, '', version));
  },
  apis: async (call, [name, version, ...more]) => {
    if (more.length > 0) return undefined;
    const apis = await apisFor(call);
    if (name === undefined) return discovery(call, apis, '/apis');
    if (!apis.hasGroup(name)) return undefined;
    return document(call, version === undefined ? group(apis, name) : resourceList(apis, name, version));
  },
  '.well-known': (call, rest) => (rest.join('/') === 'openid-configuration' ? openidConfiguration(call) : undefined),
  openid: (call, rest) => (rest.join('/') === 'v1/jwks' ? openidKeys(call) : undefined),
  openapi: async (call, rest) => openapi(call, await apisFor(call), rest),
  metrics: ({ api, state }, rest) =>
    rest.length === 0
      ? new Response(`${api.metrics.text()}${subscriptionMetrics(state)}`, { headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } })
      : undefined,
};

/** What is served in the state that a call looks at. */
const apisFor = async (call: AuthorizedCall): Promise<Apis> => apisOf(await stateFor(call, { atLeast: undefined }));

/** `/api` and `/apis`: all that is served, in one document for clients that ask for it, or only the names of what else there is to ask. */
function discovery(call: LocatedCall, apis: Apis, path: '/api' | '/apis'): Response {
  const format = formatOf(call, { as: ['APIGroupDiscoveryList'] });
  if (format.as !== undefined) {
    const { body, etag } = aggregatedDiscovery(apis, path);
    return unlessKnown(call, { bytes: encodeBody(body, format), etag }, contentType(format));
  }
  const host = call.request.headers.get('host') ?? 'localhost';
  const response = answerWith(
    { request: call.request, format, warnings: [], audit: call.audit },
    path === '/api' ? legacyVersions(apis, host) : groupList(apis),
  );
  response.headers.set('vary', 'Accept');
  return response;
}

const openapi = ({ request, query, prefix }: LocatedCall, apis: Apis, rest: readonly string[]) =>
  openapiPage({ apis, path: rest.join('/'), headers: request.headers, query, prefix });

const document = (call: LocatedCall, value: object) =>
  answerWith({ request: call.request, format: formatOf(call, {}), warnings: [], audit: call.audit }, value);

/** A document that seldom changes, or 304 to a client that has it. */
function unlessKnown({ request }: LocatedCall, { bytes, etag }: Encoded, type: string): Response {
  const headers = { etag, vary: 'Accept', 'cache-control': 'public', 'content-type': type };
  if (request.headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers });
  return new Response(bytes, { headers });
}

const health = (call: LocatedCall, endpoint: HealthEndpoint, rest: readonly string[]) =>
  healthAnswer({ endpoint, name: rest.length > 0 ? rest.join('/') : undefined, query: call.query, checks: checksOf(endpoint, call.api, call.cluster) });

const HEALTH = ['healthz', 'livez', 'readyz'] as const;

/** What `/` lists. */
const pathsOf = ({ resources }: Apis, { serviceAccountTokens }: Pick<ApiContext, 'serviceAccountTokens'>): string[] =>
  [
    ...new Set([
      '/api',
      '/apis',
      ...resources.flatMap(({ group, versions }) => [
        ...(group === '' ? [] : [`/apis/${group}`]),
        ...versions.map(({ version }) => `/${group === '' ? 'api' : 'apis'}/${apiVersionOf({ group, version })}`),
      ]),
      ...(serviceAccountTokens ? ['/.well-known/openid-configuration', '/openid/v1/jwks'] : []),
      ...HEALTH.flatMap((endpoint) => [`/${endpoint}`, ...checkNames(endpoint).map((name) => `/${endpoint}/${name}`)]),
      '/metrics',
      '/openapi/v2',
      '/openapi/v3',
      '/version',
    ]),
  ].sort();
