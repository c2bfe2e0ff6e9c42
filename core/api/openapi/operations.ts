import type { GroupVersionKind } from '../../kube/group-version-kind.ts';
import { deleteParameters, listParameters, type Parameter, patchParameters, writeParameters } from './parameters.ts';
import type { Schema } from './schema.ts';
import { refTo } from './schemas.ts';

/** One operation of the API: a method on a path. */
export type Operation = Readonly<Record<string, unknown>>;

export interface About {
  readonly gvk: GroupVersionKind;
  readonly operationId: string;
  readonly tag: string;
  /** What is read or written, for the description: `Pod`, `status of the specified Pod`. */
  readonly what: string;
  /** The type of the object. */
  readonly type: string;
}

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
export const STATUS = `${meta}.Status`;
export const PATCH = `${meta}.Patch`;
export const DELETE_OPTIONS = `${meta}.DeleteOptions`;
export const RESOURCE_LIST = `${meta}.APIResourceList`;

const encodings = ['application/json', 'application/vnd.kubernetes.protobuf', 'application/yaml'];
const streams = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];

export const list = (about: About, listType: string): Operation =>
  operation('list', `list or watch objects of kind ${about.what}`, about, {
    parameters: listParameters,
    responses: { 200: answer('OK', listType, [...encodings, ...streams]) },
  });

export const create = (about: About): Operation =>
  operation('post', `create ${about.what}`, about, {
    parameters: writeParameters,
    requestBody: body(about.type),
    responses: { 200: answer('OK', about.type), 201: answer('Created', about.type), 202: answer('Accepted', about.type) },
  });

export const read = (about: About): Operation => operation('get', `read ${about.what}`, about, { responses: { 200: answer('OK', about.type) } });

export const replace = (about: About): Operation =>
  operation('put', `replace ${about.what}`, about, {
    parameters: writeParameters,
    requestBody: body(about.type),
    responses: { 200: answer('OK', about.type), 201: answer('Created', about.type) },
  });

export const patch = (about: About): Operation =>
  operation('patch', `partially update ${about.what}`, about, {
    parameters: patchParameters,
    requestBody: content(refTo(PATCH), [
      'application/apply-patch+yaml',
      'application/json-patch+json',
      'application/merge-patch+json',
      'application/strategic-merge-patch+json',
    ]),
    responses: { 200: answer('OK', about.type), 201: answer('Created', about.type) },
  });

export const remove = (about: About): Operation =>
  operation('delete', `delete ${about.what}`, about, {
    parameters: deleteParameters,
    requestBody: content(refTo(DELETE_OPTIONS), ['*/*']),
    responses: { 200: answer('OK', STATUS), 202: answer('Accepted', STATUS) },
  });

export const removeAll = (about: About): Operation =>
  operation('deletecollection', `delete collection of ${about.what}`, about, {
    parameters: [...deleteParameters, ...listParameters.filter(({ name }) => name !== 'watch' && name !== 'allowWatchBookmarks')].sort((a, b) =>
      a.name < b.name ? -1 : 1,
    ),
    requestBody: content(refTo(DELETE_OPTIONS), ['*/*']),
    responses: { 200: answer('OK', STATUS) },
  });

/** A read whose answer is text: a log. */
export const readText = (about: About, parameters: readonly Parameter[]): Operation =>
  operation('get', `read ${about.what}`, about, {
    parameters,
    responses: { 200: { description: 'OK', ...content({ type: 'string' }, ['text/plain', ...encodings]) } },
  });

export const connect = (about: About, method: string): Operation =>
  operation('connect', `connect ${method.toUpperCase()} requests to ${about.what}`, about, {
    responses: { 200: { description: 'OK', ...content({ type: 'string' }, ['*/*']) } },
  });

/** `GET /apis/apps/v1/` */
export const resourceList = (operationId: string, tag: string): Operation => ({
  tags: [tag],
  description: 'get available resources',
  operationId,
  responses: { 200: answer('OK', RESOURCE_LIST), 401: UNAUTHORIZED },
});

const UNAUTHORIZED = { description: 'Unauthorized' };

function operation(
  action: string,
  description: string,
  { gvk, operationId, tag }: About,
  rest: { parameters?: readonly Parameter[]; requestBody?: Schema; responses: Record<number, Schema> },
): Operation {
  const { parameters, requestBody, responses } = rest;
  return {
    tags: [tag],
    description,
    operationId,
    ...(parameters?.length && { parameters }),
    ...(requestBody && { requestBody }),
    responses: { ...responses, 401: UNAUTHORIZED },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': gvk,
  };
}

const body = (type: string): Schema => ({ ...content(refTo(type), ['*/*']), required: true });

const answer = (description: string, type: string, mediaTypes = encodings): Schema => ({ description, ...content(refTo(type), mediaTypes) });

const content = (schema: Schema, mediaTypes: readonly string[]): Schema => ({
  content: Object.fromEntries(mediaTypes.map((mediaType) => [mediaType, { schema }])),
});
