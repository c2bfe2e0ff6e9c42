import type { Schema } from './schema.ts';

/** The parameters of the API's operations. */
export interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'path';
  readonly description: string;
  readonly required?: true;
  readonly schema: Schema;
}

const query = (name: string, type: 'string' | 'boolean' | 'integer' | 'array', description: string): Parameter => ({
  name,
  in: 'query',
  description,
  schema: type === 'array' ? { type, items: { type: 'string' }, uniqueItems: true } : { type, uniqueItems: true },
});

const path = (name: string, description: string): Parameter => ({
  name,
  in: 'path',
  required: true,
  description,
  schema: { type: 'string', uniqueItems: true },
});

export const namespaceParameter = path('namespace', 'the namespace of the object');
export const pathParameter = path('path', 'the part of the URL after the subresource');
export const nameParameter = (kind: string): Parameter => path('name', `name of the ${kind}`);

export const pretty = query('pretty', 'string', "If 'true', JSON is indented. Clients such as curl and browsers get it indented unless they say 'false'.");

const selectors = [
  query('fieldSelector', 'string', 'Restricts the objects by their fields. Default: all.'),
  query('labelSelector', 'string', 'Restricts the objects by their labels. Default: all.'),
];

const versions = [
  query(
    'resourceVersion',
    'string',
    'Constrains how old the answer may be, or where a watch starts. See https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions',
  ),
  query('resourceVersionMatch', 'string', 'How resourceVersion is applied to a list: Exact or NotOlderThan.'),
];

const paging = [
  query('continue', 'string', 'The token of the next page, from the answer before. All other parameters must be the same.'),
  query('limit', 'integer', 'How many objects an answer may have at most. When there are more, it has a continue token.'),
];

const watching = [
  query('allowWatchBookmarks', 'boolean', 'Asks for BOOKMARK events in a watch.'),
  query('sendInitialEvents', 'boolean', 'Starts a watch with an event for every object that is there, and a bookmark after them.'),
  query('timeoutSeconds', 'integer', 'Ends the list or watch after this time.'),
  query('watch', 'boolean', 'Watches the objects instead of listing them: answers with a stream of events.'),
];

export const listParameters: readonly Parameter[] = [...watching, ...paging, ...selectors, ...versions].sort((a, b) => (a.name < b.name ? -1 : 1));

const dryRun = query('dryRun', 'string', "Changes nothing when it is 'All': every stage of the request is carried out but the last one.");
const force = query('force', 'boolean', 'Takes fields over from other managers in case of a conflict. Only for server-side apply.');

/** For create and update. kubectl looks for `fieldValidation`, on patches, before it leaves validation to the server. */
export const writeParameters: readonly Parameter[] = [
  dryRun,
  query('fieldManager', 'string', 'The name of who makes the change, of at most 128 printable characters.'),
  query('fieldValidation', 'string', 'What happens when the object has unknown or duplicate fields: Ignore, Warn (the default) or Strict.'),
];

export const patchParameters: readonly Parameter[] = [...writeParameters, force];

export const deleteParameters: readonly Parameter[] = [
  dryRun,
  query('gracePeriodSeconds', 'integer', 'How long the object has to stop. 0 deletes it at once. Default: what its kind says.'),
  query('orphanDependents', 'boolean', 'Deprecated: use propagationPolicy.'),
  query('propagationPolicy', 'string', 'What happens to dependents: Orphan, Background or Foreground.'),
];

/** What `connect` operations and logs take (Pod*Options, ServiceProxyOptions, NodeProxyOptions). */
export const subresourceParameters: Readonly<Record<string, readonly Parameter[]>> = {
  attach: streams(),
  exec: [query('command', 'array', 'The command to run, without a shell.'), ...streams()],
  log: [
    query('container', 'string', 'Whose log. Default: the only container of the pod.'),
    query('follow', 'boolean', 'Follows the log as it grows.'),
    query('insecureSkipTLSVerifyBackend', 'boolean', 'Does not check the certificate of the node agent.'),
    query('limitBytes', 'integer', 'How many bytes to read at most.'),
    query('previous', 'boolean', 'Reads the log of the container that ran before.'),
    query('sinceSeconds', 'integer', 'Only what is newer than this many seconds.'),
    query('stream', 'string', 'All, Stdout or Stderr.'),
    query('tailLines', 'integer', 'How many lines from the end.'),
    query('timestamps', 'boolean', 'Puts the time in front of every line.'),
  ],
  portforward: [query('ports', 'string', 'The ports to forward.')],
  proxy: [query('path', 'string', 'The part of the URL to proxy to.')],
};

function streams(): Parameter[] {
  return [
    query('container', 'string', 'In which container. Default: the only one of the pod.'),
    query('stderr', 'boolean', 'Connects standard error.'),
    query('stdin', 'boolean', 'Connects standard input.'),
    query('stdout', 'boolean', 'Connects standard output.'),
    query('tty', 'boolean', 'Gives the process a terminal.'),
  ];
}
