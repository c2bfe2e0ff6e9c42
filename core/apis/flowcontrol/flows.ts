import type { Key } from '../../kube/object.ts';
import { serviceAccountOf } from '../../kube/service-account.ts';
import type { User } from '../../kube/user.ts';
import type {
  FlowcontrolSubject,
  FlowSchema,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  PriorityLevelConfiguration,
  ResourcePolicyRule,
} from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import type { View } from '../../state/view.ts';
import { fixedFlowSchemas, fixedPriorityLevels } from './fixed-specs.ts';

/** What a request is to API Priority and Fairness (apiserver's pkg/util/flowcontrol/rule.go). */
export type FlowRequest = { readonly user: User; readonly verb: string } & (
  | {
      readonly resource: string;
      readonly group: string;
      readonly subresource?: string | undefined;
      readonly namespace?: string | undefined;
      readonly path?: undefined;
    }
  | { readonly path: string }
);

/** What a request was matched by, and where it is served or waits (api/fairness). */
export interface Flow {
  readonly schema: FlowSchema;
  readonly level: PriorityLevelConfiguration;
}

/** Where a request belongs: to the first FlowSchema that matches it, in the order of their precedence, whose level there is. Undefined: there is none yet (API concepts, "API Priority and Fairness"). */
export const flowOf = (request: FlowRequest, state: State): Flow | undefined =>
  state.view(view).flows.find(({ schema }) => schema.spec?.rules?.some((rule) => matchesRule(rule, request)));

/** The priority levels by name: the same value as long as nothing of flow control changes. The one that every cluster needs is there even if it is not. */
export const priorityLevels = (state: State): ReadonlyMap<string, PriorityLevelConfiguration> => state.view(view).served;

const mandatory = { apiVersion: 'flowcontrol.apiserver.k8s.io/v1', metadata: { name: 'catch-all' } };

/** Where a request belongs that no FlowSchema matches, as long as the mandatory ones are missing (apf_controller.go, imaginePL). */
export const CATCH_ALL: Flow = {
  schema: { ...mandatory, kind: 'FlowSchema', spec: fixedFlowSchemas['catch-all']! },
  level: { ...mandatory, kind: 'PriorityLevelConfiguration', spec: fixedPriorityLevels['catch-all']! },
};

/** By what the requests of a FlowSchema are told apart (apf_filter.go, computeFlowDistinguisher). */
export function distinguisherOf({ schema }: Flow, request: FlowRequest): string {
  switch (schema.spec?.distinguisherMethod?.type) {
    case 'ByUser':
      return request.user.username;
    case 'ByNamespace':
      return request.path === undefined ? (request.namespace ?? '') : '';
    default:
      return '';
  }
}

interface Flows {
  readonly schemas: ReadonlyMap<Key, FlowSchema>;
  readonly levels: ReadonlyMap<string, PriorityLevelConfiguration>;
  /** These, and the one that every cluster needs. */
  readonly served: ReadonlyMap<string, PriorityLevelConfiguration>;
  readonly flows: readonly Flow[];
}

const SCHEMAS = 'flowschemas.flowcontrol.apiserver.k8s.io';
const LEVELS = 'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io';

const view: View<Flows> = {
  of: [SCHEMAS, LEVELS],
  initial: { schemas: new Map(), levels: new Map(), served: new Map([[CATCH_ALL.level.metadata.name, CATCH_ALL.level]]), flows: [] },
  evolve(before, changes) {
    const schemas = new Map(before.schemas);
    const levels = new Map(before.levels);
    for (const { key, type, object } of changes) {
      if (key.startsWith(`${SCHEMAS}/`)) {
        if (type === 'DELETED') schemas.delete(key);
        else schemas.set(key, object as FlowSchema);
      } else if (type === 'DELETED') levels.delete(object.metadata.name);
      else levels.set(object.metadata.name, object as PriorityLevelConfiguration);
    }
    const flows = [...schemas.values()].sort(inOrder).flatMap((schema): Flow[] => {
      const level = levels.get(schema.spec?.priorityLevelConfiguration.name ?? '');
      return level ? [{ schema, level }] : [];
    });
    const served = new Map([[CATCH_ALL.level.metadata.name, CATCH_ALL.level], ...levels]);
    return { schemas, levels, served, flows };
  },
};

const precedence = ({ spec }: FlowSchema): number => spec?.matchingPrecedence ?? 0;

/** The lower comes first, and of two that are the same the name decides (apihelpers, FlowSchemaSequence). */
const inOrder = (a: FlowSchema, b: FlowSchema): number => precedence(a) - precedence(b) || (a.metadata.name < b.metadata.name ? -1 : 1);

function matchesRule({ subjects, resourceRules = [], nonResourceRules = [] }: PolicyRulesWithSubjects, request: FlowRequest): boolean {
  if (!subjects.some((subject) => isSubject(subject, request.user))) return false;
  return request.path === undefined
    ? resourceRules.some((rule) => matchesResource(rule, request))
    : nonResourceRules.some((rule) => matchesPath(rule, request));
}

function isSubject({ kind, user, group, serviceAccount }: FlowcontrolSubject, { username, groups }: User): boolean {
  switch (kind) {
    case 'User':
      return user !== undefined && has([user.name], username);
    case 'Group':
      return group !== undefined && (group.name === '*' || groups.includes(group.name));
    case 'ServiceAccount': {
      const account = serviceAccountOf(username);
      return (
        account !== undefined && serviceAccount !== undefined && account.namespace === serviceAccount.namespace && has([serviceAccount.name], account.name)
      );
    }
    default:
      return false;
  }
}

function matchesResource(
  rule: ResourcePolicyRule,
  { verb, resource, group, subresource, namespace }: Exclude<FlowRequest, { readonly path: string }>,
): boolean {
  if (!has(rule.verbs, verb) || !has(rule.apiGroups, group)) return false;
  if (!has(rule.resources, subresource ? `${resource}/${subresource}` : resource)) return false;
  return namespace ? has(rule.namespaces ?? [], namespace) : rule.clusterScope === true;
}

const matchesPath = ({ verbs, nonResourceURLs }: NonResourcePolicyRule, { verb, path }: Extract<FlowRequest, { readonly path: string }>): boolean =>
  has(verbs, verb) && nonResourceURLs.some((url) => url === '*' || url === path || path.startsWith(url.replace(/\*?$/, '').replace(/\/?$/, '/')));

const has = (list: readonly string[], value: string): boolean => (list.length === 1 && list[0] === '*') || list.includes(value);
