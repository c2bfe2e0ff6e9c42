import { describe, it } from 'vitest';
import type { Fetch } from '../../../core/api/server.ts';
import type { KubeObject } from '../../../core/kube/object.ts';
import { chance, type Defect, finds } from './finds.ts';

/** Defects of what the API answers. */
describe('a run without faults', () => {
  const defects: Defect[] = [
    { name: 'a list that leaves an object out', parts: { wrapFetch: skippingItems }, found: /reads: a list of .* has \d+ objects, the log \d+/ },
    {
      name: 'a GET that is answered from long ago',
      parts: { wrapFetch: remembering },
      found: /gets: a GET that asked for \d+ or later, answered at \d+, told of /,
    },
    {
      name: 'an instance that tells of older states than before',
      seed: 10,
      parts: { wrapFetch: goingBack },
      found: /gets: api-\d+ told of .*, after it had told of the state at \d+/,
    },
    {
      name: 'a create that is refused for an object that is not there',
      parts: { wrapFetch: refusing('POST', { code: 409, reason: 'AlreadyExists' }) },
      found: /refusals: POST .* without a reason: 409 AlreadyExists/,
    },
    {
      name: 'an update that is refused for a change that no client made',
      parts: { wrapFetch: refusing('PUT', { code: 409, reason: 'Conflict' }) },
      found: /refusals: PUT .* without a reason: 409 Conflict/,
    },
    {
      name: 'a patch of an object that is there, and said not to be',
      parts: { wrapFetch: refusing('PATCH', { code: 404, reason: 'NotFound' }) },
      found: /refusals: PATCH .* without a reason: 404 NotFound/,
    },
    {
      name: 'a valid object that is refused',
      parts: { wrapFetch: refusing('POST', { code: 422, reason: 'Invalid' }) },
      found: /refusals: POST .* without a reason: 422 Invalid/,
    },
    {
      name: 'an update that does not look at the resourceVersion it names',
      seed: 25,
      minutes: 2,
      parts: { wrapFetch: unconditional },
      found: /preconditions: write .*, on condition that it is at \d+, is in the log at \d+, after \d+/,
    },
    {
      name: 'an API that is unavailable for no reason',
      seed: 8,
      parts: { wrapFetch: unavailable(async () => new Response('{}', { status: 503 })) },
      latecomers: true,
      found: /progress: .*, asked \d+ s after the last fault, was answered with 503/,
    },
    {
      name: 'an API that forgets to answer',
      parts: { wrapFetch: unavailable(() => new Promise(() => {})) },
      latecomers: true,
      found: /progress: .*, asked \d+ s after the last fault, was not answered/,
    },
  ];
  for (const defect of defects) it(`finds ${defect.name}`, () => finds(defect));
});

function skippingItems(fetch: Fetch): Fetch {
  const strikes = chance();
  return async (request, sent) => {
    const response = await fetch(request, sent);
    if (request.method !== 'GET' || sent.target.includes('watch=true') || !strikes.happens(0.5)) return response;
    const body = (await response.json()) as { items?: unknown[] };
    return new Response(JSON.stringify({ ...body, ...(body.items && { items: body.items.slice(1) }) }), response);
  };
}

/** Answers a GET of an object as it answered the first one of it. */
function remembering(fetch: Fetch): Fetch {
  const first = new Map<string, string>();
  return async (request, sent) => {
    const response = await fetch(request, sent);
    const { pathname } = urlOf(sent.target);
    if (request.method !== 'GET' || !isOfObject(pathname) || response.status !== 200) return response;
    const text = await response.text();
    if (!first.has(pathname)) first.set(pathname, text);
    return new Response(first.get(pathname), response);
  };
}

/** Answers a GET for any state with the one in which the cluster began. */
function goingBack(fetch: Fetch): Fetch {
  return (request, sent) => {
    const { pathname, searchParams } = urlOf(sent.target);
    if (!isOfObject(pathname) || searchParams.get('resourceVersion') !== '0') return fetch(request, sent);
    return fetch(request, { target: sent.target.replace(/clusters\/\w+/, '$&@1') });
  };
}

/** Refuses some requests for no reason. */
function refusing(method: string, { code, reason }: { code: number; reason: string }) {
  return (fetch: Fetch): Fetch => {
    const strikes = chance();
    return async (request, sent) => {
      if (request.method !== method || sent.target.includes('/scale') || !strikes.happens(0.6)) return fetch(request, sent);
      const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message: 'no', reason, details: {}, code };
      return Response.json(status, { status: code });
    };
  };
}

/** Takes what a write rests on out of it. */
function unconditional(fetch: Fetch): Fetch {
  return async (request, sent) => {
    if (request.method !== 'PUT' && request.method !== 'PATCH') return fetch(request, sent);
    const body = (await request.json()) as Partial<KubeObject>;
    if (body.metadata) delete body.metadata.resourceVersion;
    const { method, headers, signal } = request;
    return fetch(new Request('https://simulation', { method, headers, signal, body: JSON.stringify(body) }), sent);
  };
}

/** Answers some requests otherwise. */
function unavailable(answer: () => Promise<Response>) {
  return (fetch: Fetch): Fetch => {
    const strikes = chance();
    return (request, sent) => (strikes.happens(0.1) ? answer() : fetch(request, sent));
  };
}

const isOfObject = (pathname: string) => /\/(configmaps|deployments|services|pods)\/[^/]+$/.test(pathname);

const urlOf = (target: string) => new URL(target, 'https://simulation');
