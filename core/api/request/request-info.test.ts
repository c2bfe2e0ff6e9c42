import { expect, it } from 'vitest';
import { parseRequest } from './request-info.ts';
import { locate } from './url.ts';

const none = { name: undefined, namespace: undefined, subresource: undefined };
const core = { type: 'resource', group: '', version: 'v1', rest: [], ...none };
const apps = { ...core, group: 'apps' };

// The table of apiserver/pkg/endpoints/request/requestinfo_test.go, as far as its paths are served.
it.each([
  { line: 'GET /api/v1/namespaces', want: { ...core, verb: 'list', resource: 'namespaces' } },
  { line: 'GET /api/v1/namespaces/other', want: { ...core, verb: 'get', resource: 'namespaces', name: 'other' } },
  { line: 'PUT /api/v1/namespaces/other/finalize', want: { ...core, verb: 'update', resource: 'namespaces', name: 'other', subresource: 'finalize' } },
  { line: 'GET /api/v1/namespaces/other/status', want: { ...core, verb: 'get', resource: 'namespaces', name: 'other', subresource: 'status' } },
  { line: 'GET /api/v1/namespaces/other/pods', want: { ...core, verb: 'list', namespace: 'other', resource: 'pods' } },
  { line: 'GET /api/v1/namespaces/other/pods/foo', want: { ...core, verb: 'get', namespace: 'other', resource: 'pods', name: 'foo' } },
  { line: 'GET /api/v1/namespaces/other/pods/foo/log', want: { ...core, verb: 'get', namespace: 'other', resource: 'pods', name: 'foo', subresource: 'log' } },
  { line: 'GET /api/v1/pods', want: { ...core, verb: 'list', resource: 'pods' } },
  { line: 'GET /api/v1/pods?watch=true', want: { ...core, verb: 'watch', resource: 'pods' } },
  { line: 'GET /api/v1/pods?watch=false', want: { ...core, verb: 'list', resource: 'pods' } },
  { line: 'GET /api/v1/pods?watch', want: { ...core, verb: 'watch', resource: 'pods' } },
  { line: 'GET /api/v1/watch/pods', want: { ...core, verb: 'watch', resource: 'pods' } },
  { line: 'GET /api/v1/watch/namespaces/other/pods/foo', want: { ...core, verb: 'watch', namespace: 'other', resource: 'pods', name: 'foo' } },
  { line: 'GET /api/v1/nodes/n/proxy/a/b', want: { ...core, verb: 'get', resource: 'nodes', name: 'n', subresource: 'proxy', rest: ['a', 'b'] } },
  {
    line: 'GET /apis/apps/v1/namespaces/other/deployments/a%3Ab/scale',
    want: { ...apps, verb: 'get', namespace: 'other', resource: 'deployments', name: 'a:b', subresource: 'scale' },
  },
  { line: 'POST /apis/apps/v1/namespaces/other/deployments', want: { ...apps, verb: 'create', namespace: 'other', resource: 'deployments' } },
  { line: 'PATCH /apis/apps/v1/namespaces/other/deployments/d', want: { ...apps, verb: 'patch', namespace: 'other', resource: 'deployments', name: 'd' } },
  { line: 'DELETE /apis/apps/v1/namespaces/other/deployments/d', want: { ...apps, verb: 'delete', namespace: 'other', resource: 'deployments', name: 'd' } },
  { line: 'DELETE /apis/apps/v1/namespaces/other/deployments', want: { ...apps, verb: 'deletecollection', namespace: 'other', resource: 'deployments' } },
  { line: 'GET /apis/apps/v1', want: { type: 'path', verb: 'get' } },
  { line: 'GET /api/v1/pods/', want: { ...core, verb: 'list', resource: 'pods' } },
  { line: 'GET /api/v1/pods?watch=False', want: { ...core, verb: 'list', resource: 'pods' } },
  { line: 'DELETE /api/v1/namespaces/other/pods/%2e%2E', want: { ...core, verb: 'delete', namespace: 'other', resource: 'pods', name: '..' } },
  {
    line: 'GET /api/v1/nodes/n/proxy/a//%2e%2e/b%2Fc',
    want: { ...core, verb: 'get', resource: 'nodes', name: 'n', subresource: 'proxy', rest: ['a', '', '..', 'b/c'] },
  },
  // Nothing is served where a name was left out.
  { line: 'DELETE /api/v1/namespaces//pods', want: { type: 'path', verb: 'delete' } },
  { line: 'DELETE /api/v1/namespaces/other//pods', want: { type: 'path', verb: 'delete' } },
  { line: 'DELETE /api/v1/namespaces/other/pods//', want: { type: 'path', verb: 'delete' } },
  { line: 'GET /apis//v1/pods', want: { type: 'path', verb: 'get' } },
  { line: 'GET /api//pods', want: { type: 'path', verb: 'get' } },
  { line: 'GET /api/v1/', want: { type: 'path', verb: 'get' } },
  { line: 'POST /healthz', want: { type: 'path', verb: 'post' } },
])('$line', ({ line, want }) => {
  const [method, url] = line.split(' ') as [string, string];
  const { segments, query } = locate(url, 'main')!;
  expect({ ...(want.type === 'resource' && none), ...parseRequest(method, segments, query) }).toEqual(want);
});
