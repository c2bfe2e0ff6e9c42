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
  readonly media: Media;
}

/** What the objects of a resource are sent and answered as. */
interface Media {
  readonly answers: readonly string[];
  readonly watches: readonly string[];
  readonly bodies: readonly string[];
  readonly patches: readonly string[];
}

const patches = ['application/apply-patch+yaml', 'application/json-patch+json', 'application/merge-patch+json'];
const encodings = ['application/json', 'application/vnd.kubernetes.protobuf', 'application/yaml'];

export const BUILT_IN: Media = {
  answers: encodings,
  watches: ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'],
  bodies: ['*/*'],
  patches: [...patches, 'application/strategic-merge-patch+json'],
};

const texts = ['application/json', 'application/yaml'];

/** kubectl finds here that it is not to send a strategic merge patch. */
export const CUSTOM: Media = { answers: texts, watches: [], bodies: texts, patches };

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
export const STATUS = `${meta}.Status`;
export const PATCH = `${meta}.Patch`;
export const DELETE_OPTIONS = `${meta}.DeleteOptions`;
export const RESOURCE_LIST = `${meta}.APIResourceList`;

export const list = (about: About, listType: string): Operation =>
  operation('list', `list or watch objects of kind ${about.what}`, about, {
    parameters: listParameters,
    responses: { 200: answer('OK', listType, [...about.media.answers, ...about.media.watches]) },
  });

export const create = (about: About): Operation =>
  operation('post', `create ${about.what}`, about, {
    parameters: writeParameters,
    requestBody: body(about),
    responses: {
      200: answer('OK', about.type, about.media.answers),
      201: answer('Created', about.type, about.media.answers),
      202: answer('Accepted', about.type, about.media.answers),
    },
  });

export const read = (about: About): Operation =>
  operation('get', `read ${about.what}`, about, { responses: { 200: answer('OK', about.type, about.media.answers) } });

export const replace = (about: About): Operation =>
  operation('put', `replace ${about.what}`, about, {
    parameters: writeParameters,
    requestBody: body(about),
    responses: { 200: answer('OK', about.type, about.media.answers), 201: answer('Created', about.type, about.media.answers) },
  });

export const patch = (about: About): Operation =>
  operation('patch', `partially update ${about.what}`, about, {
    parameters: patchParameters,
    requestBody: content(refTo(PATCH), about.media.patches),
    responses: { 200: answer('OK', about.type, about.media.answers), 201: answer('Created', about.type, about.media.answers) },
  });

export const remove = (about: About): Operation =>
  operation('delete', `delete ${about.what}`, about, {
    parameters: deleteParameters,
    requestBody: content(refTo(DELETE_OPTIONS), about.media.bodies),
    responses: { 200: answer('OK', STATUS, about.media.answers), 202: answer('Accepted', STATUS, about.media.answers) },
  });

export const removeAll = (about: About): Operation =>
  operation('deletecollection', `delete collection of ${about.what}`, about, {
    parameters: [...deleteParameters, ...listParameters.filter(({ name }) => name !== 'watch' && name !== 'allowWatchBookmarks')].sort((a, b) =>
      a.name < b.name ? -1 : 1,
    ),
    requestBody: content(refTo(DELETE_OPTIONS), about.media.bodies),
    responses: { 200: answer('OK', STATUS, about.media.answers) },
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

const body = ({ type, media }: About): Schema => ({ ...content(refTo(type), media.bodies), required: true });

const answer = (description: string, type: string, mediaTypes: readonly string[] = encodings): Schema => ({ description, ...content(refTo(type), mediaTypes) });

const content = (schema: Schema, mediaTypes: readonly string[]): Schema => ({
  content: Object.fromEntries(mediaTypes.map((mediaType) => [mediaType, { schema }])),
});
