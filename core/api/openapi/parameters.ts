import options from '../../schema/facts/parameters.json' with { type: 'json' };
import type { Schema } from './schema.ts';

/** The parameters of the API's operations: the fields of Kubernetes' types of options, with what it says of them. */
export interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'path';
  readonly description: string;
  readonly required?: true;
  readonly schema: Schema;
}

const query = (name: string, type: string, description: string): Parameter => ({ name, in: 'query', description, schema: { type, uniqueItems: true } });

const parametersOf = (fields: Readonly<Record<string, { readonly type: string; readonly description: string }>>): Parameter[] =>
  Object.entries(fields)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { type, description }]) => query(name, type, description));

const path = (name: string, description: string): Parameter => ({
  name,
  in: 'path',
  required: true,
  description,
  schema: { type: 'string', uniqueItems: true },
});

export const namespaceParameter = path('namespace', 'object name and auth scope, such as for teams and projects');
export const pathParameter = path('path', 'path to the resource');
export const nameParameter = (kind: string): Parameter => path('name', `name of the ${kind}`);

export const pretty = query(
  'pretty',
  'string',
  "If 'true', then the output is pretty printed. Defaults to 'false' unless the user-agent indicates a browser or command-line HTTP tool (curl and wget).",
);

export const listParameters: readonly Parameter[] = parametersOf(options.ListOptions);

/** For create and update. kubectl looks for `fieldValidation`, on patches, before it leaves validation to the server. */
export const writeParameters: readonly Parameter[] = parametersOf(options.CreateOptions);

export const patchParameters: readonly Parameter[] = parametersOf(options.PatchOptions);

export const deleteParameters: readonly Parameter[] = parametersOf(options.DeleteOptions);

export const logParameters: readonly Parameter[] = parametersOf(options.PodLogOptions);

/** What `connect` operations take, by the kind of their options. */
export const subresourceParameters: Readonly<Record<string, readonly Parameter[]>> = {
  PodAttachOptions: parametersOf(options.PodAttachOptions),
  PodExecOptions: parametersOf(options.PodExecOptions),
  PodPortForwardOptions: parametersOf(options.PodPortForwardOptions),
  PodProxyOptions: parametersOf(options.PodProxyOptions),
  NodeProxyOptions: parametersOf(options.NodeProxyOptions),
  ServiceProxyOptions: parametersOf(options.ServiceProxyOptions),
};
