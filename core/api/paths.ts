import { resources } from '../resources/registry.ts';
import { jsonAnswer } from './answers.ts';
import type { Call } from './call.ts';
import { methodNotAllowed, pageNotFound } from './failures.ts';
import { checksOf, healthAnswer } from './health.ts';
import { versionInfo } from './version.ts';

/** What is served besides resources: health, version, metrics, discovery, OpenAPI. Whatever is not here is "404 page not found", in plain text. */
export async function servePath(call: Call): Promise<Response> {
  const [first = '', ...rest] = call.path.split('/').filter((part) => part !== '');
  const page = pages[first];
  if (!page) return pageNotFound();
  if (call.info.verb !== 'get' && call.info.verb !== 'head') throw methodNotAllowed();
  return (await page(call, rest)) ?? pageNotFound();
}

type Page = (call: Call, rest: readonly string[]) => Response | undefined | Promise<Response | undefined>;

const pages: Readonly<Record<string, Page | undefined>> = {
  '': (call) => jsonAnswer(call, { paths }),
  healthz: (call) => health(call, 'healthz'),
  livez: (call) => health(call, 'livez'),
  readyz: (call) => health(call, 'readyz'),
  version: (call, rest) => (rest.length === 0 ? jsonAnswer(call, versionInfo) : undefined),
  metrics: ({ api }, rest) =>
    rest.length === 0 ? new Response(api.metrics.text(), { headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } }) : undefined,
};

const health = (call: Call, endpoint: 'healthz' | 'livez' | 'readyz') => healthAnswer(call.path, call.query, checksOf(endpoint, call.api, call.cluster));

/** What `/` lists. */
const paths: readonly string[] = [
  ...new Set([
    '/api',
    '/apis',
    ...resources.flatMap(({ group, versions }) =>
      group === '' ? versions.map(({ version }) => `/api/${version}`) : [`/apis/${group}`, ...versions.map(({ version }) => `/apis/${group}/${version}`)],
    ),
    '/healthz',
    '/healthz/log',
    '/healthz/ping',
    '/livez',
    '/livez/ping',
    '/metrics',
    '/openapi/v2',
    '/openapi/v3',
    '/readyz',
    '/readyz/log',
    '/readyz/ping',
    '/version',
  ]),
].sort();
