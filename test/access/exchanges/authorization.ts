import { APPLY, type Exchange, MERGE } from './exchange.ts';

const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'new' }, spec: { ports: [{ port: 80 }] } };

/** What leave a request needs. */
export const authorization: readonly Exchange[] = [
  // Who asks.
  { name: 'a token that was never issued', token: 'guess', request: 'GET /version', code: 401, message: 'Unauthorized' },
  {
    name: 'another scheme than Bearer',
    headers: { authorization: 'Basic YTpi' },
    request: 'GET /api',
    code: 403,
    message: 'forbidden: User "system:anonymous" cannot get path "/api"',
  },

  // What is created by a write to a name needs leave to create.
  {
    name: 'a PUT of what is not there, by who may update',
    as: 'pat',
    request: 'PUT /api/v1/namespaces/a/services/new',
    body: service,
    code: 403,
    message: 'services "new" is forbidden: User "pat" cannot create resource "services" in API group "" in the namespace "a"',
  },
  {
    name: 'an apply of what is not there, by who may patch',
    as: 'pat',
    request: 'PATCH /api/v1/namespaces/a/services/new?fieldManager=m',
    type: APPLY,
    body: service,
    code: 403,
    message: 'services "new" is forbidden: User "pat" cannot create resource "services" in API group "" in the namespace "a"',
  },
  {
    name: 'a PUT of what is not there and would be invalid, by who may update',
    as: 'pat',
    request: 'PUT /api/v1/namespaces/a/services/new',
    body: { ...service, spec: { ...service.spec, type: 'None' } },
    code: 422,
    message: 'Service "new" is invalid: spec.type: Unsupported value: "None": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
  },
  {
    name: 'an apply of what is not there and would be invalid, by who may patch',
    as: 'pat',
    request: 'PATCH /api/v1/namespaces/a/services/new?fieldManager=m',
    type: APPLY,
    body: { ...service, spec: { ...service.spec, type: 'None' } },
    code: 422,
    message: 'Service "new" is invalid: spec.type: Unsupported value: "None": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
  },
  {
    name: 'another patch of what is not there',
    as: 'pat',
    request: 'PATCH /api/v1/namespaces/a/services/new',
    type: MERGE,
    body: {},
    code: 404,
    message: 'services "new" not found',
  },
  {
    name: 'a PUT of what is not there, by who may create it, too',
    as: 'erin',
    request: 'PUT /api/v1/namespaces/a/services/new?dryRun=All',
    body: service,
    code: 201,
  },
  {
    name: 'a POST of a name that a rule has',
    as: 'pat',
    request: 'POST /api/v1/namespaces/a/pods',
    body: { metadata: { name: 'web' } },
    code: 403,
    message: 'pods is forbidden: User "pat" cannot create resource "pods" in API group "" in the namespace "a"',
  },
  {
    name: 'a name to be generated',
    as: 'pat',
    request: 'POST /api/v1/namespaces/a/configmaps?dryRun=All',
    body: { metadata: { generateName: 'c-' } },
    code: 201,
  },
  {
    name: 'a body that is none, by who may not',
    as: 'nora',
    request: 'POST /api/v1/namespaces/a/configmaps',
    body: [],
    code: 403,
    message: 'configmaps is forbidden: User "nora" cannot create resource "configmaps" in API group "" in the namespace "a"',
  },

  // A WebSocket is opened by a GET.
  {
    name: 'a GET of exec by who may not create it',
    as: 'gus',
    request: 'GET /api/v1/namespaces/a/pods/web/exec?command=sh',
    code: 403,
    message: 'pods "web" is forbidden: ',
  },
  {
    name: 'a GET of exec where there is no pod, by who may not create it',
    as: 'gus',
    request: 'GET /api/v1/namespaces/a/pods/none/attach',
    code: 403,
    message: 'pods "none" is forbidden: ',
  },
  { name: 'a GET of a proxy by who may do that', as: 'gus', request: 'GET /api/v1/namespaces/a/pods/none/proxy', code: 404, message: 'pods "none" not found' },
];
