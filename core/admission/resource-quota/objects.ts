import type { ApiResource } from '../../apis/api-resource.ts';
import { apisOf } from '../../apis/apis.ts';
import type { GroupResource } from '../../kube/object.ts';
import type { State } from '../../state/state.ts';
import { type Amounts, ONE } from './amounts.ts';
import { countOf, type Evaluator } from './evaluator.ts';
import { noScopes } from './scopes.ts';

/** The objects of any other resource, which are only counted (k8s.io/apiserver/pkg/quota/v1/generic, objectCountEvaluator); undefined: they are not. */
export function objectsOf(resource: ApiResource | undefined): Evaluator | undefined {
  if (!resource) return undefined;
  let evaluator = known.get(resource);
  if (evaluator === undefined) {
    evaluator = isCounted(resource) ? counting(resource) : null;
    known.set(resource, evaluator);
  }
  return evaluator ?? undefined;
}

const known = new WeakMap<ApiResource, Evaluator | null>();

function counting({ groupResource, kind }: ApiResource): Evaluator {
  const names = [countOf(groupResource), ...(aliases.has(groupResource) ? [groupResource] : [])];
  const usage: Amounts = new Map(names.map((name) => [name, ONE]));
  return {
    resource: groupResource,
    kind,
    counts: (name) => names.includes(name),
    handles: ({ operation, subresource }) => operation === 'CREATE' && subresource === undefined,
    scopesOf: () => noScopes,
    usageOf: () => usage,
  };
}

/** Those that were counted before all were, under their own names. */
const aliases: ReadonlySet<string> = new Set(['configmaps', 'resourcequotas', 'replicationcontrollers', 'secrets']);

/** The resource whose objects a name stands for, if they are counted: what is served, in namespaces, and kept (GetQuotableResources); never Events. */
export function countedBy(name: string, state: State): ApiResource | undefined {
  const groupResource = name.startsWith('count/') ? name.slice('count/'.length) : aliases.has(name) ? name : undefined;
  const resource = groupResource === undefined ? undefined : apisOf(state).resource(groupResource);
  return resource && isCounted(resource) ? resource : undefined;
}

const isCounted = ({ namespaced, groupResource, versions }: ApiResource): boolean =>
  namespaced && !ignored.has(groupResource) && versions.some(({ verbs }) => needed.every((verb) => verbs.includes(verb)));

const needed = ['create', 'list', 'watch', 'delete'];
const ignored: ReadonlySet<GroupResource> = new Set(['events', 'events.events.k8s.io']);
