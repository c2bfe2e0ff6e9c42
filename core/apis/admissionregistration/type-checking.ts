import { typeOfVariable, variablesOf } from '../../cel/admission-environment.ts';
import { admissionVariables } from '../../cel/admission-variables.ts';
import { compile } from '../../cel/compile.ts';
import { type Environment, environment } from '../../cel/environment.ts';
import { kubernetesLibraries } from '../../cel/libraries/kubernetes.ts';
import { schemaType } from '../../cel/schema/schema-type.ts';
import { DYN, type Type } from '../../cel/type.ts';
import { apiVersionOf, type GroupVersionKind } from '../../kube/group-version-kind.ts';
import type { ExpressionWarning, NamedRuleWithOperations, ValidatingAdmissionPolicy } from '../../schema/generated/kinds.ts';
import type { TypeSchema } from '../../schema/schema.ts';
import type { Apis } from '../apis.ts';
import { expressionSchema } from './expression-schema.ts';

/**
 * What does not go together in the validations of a policy once the kinds that it matches are looked at (k8s.io/apiserver/pkg/admission/plugin/policy/validating,
 * typechecking.go). It keeps no policy from being evaluated: an object may be of another kind than the one that is wrong.
 */
export function typeWarnings({ spec }: ValidatingAdmissionPolicy, apis: Apis): ExpressionWarning[] {
  const kinds = matchedKinds(spec?.matchConstraints?.resourceRules ?? [], apis);
  const { paramKind, variables = [], validations = [] } = spec ?? {};
  const params = paramKind && (typeOf(apis, paramKind.apiVersion ?? '', paramKind.kind ?? '') ?? DYN);
  const environments = kinds.map(({ group, version, kind, type }) => {
    const within = typedEnvironment(declared(type, kind) ?? DYN, params, variables);
    return { gvk: `${group}/${version}, Kind=${kind}`, within };
  });
  const check = (fieldRef: string, expression: string | undefined): ExpressionWarning[] => {
    if (!expression) return [];
    const warnings = environments.flatMap(({ gvk, within }) => {
      const compiled = compile(expression, within);
      return 'issues' in compiled && !compiled.program ? [`${gvk}: ${compiled.message}\n`] : [];
    });
    return warnings.length ? [{ fieldRef, warning: warnings.join('\n') }] : [];
  };
  return validations.flatMap(({ expression, messageExpression }, i) => [
    ...check(`spec.validations[${i}].expression`, expression),
    ...check(`spec.validations[${i}].messageExpression`, messageExpression),
  ]);
}

function typedEnvironment(object: Type, params: Type | undefined, variables: readonly { name?: string; expression?: string }[]): Environment {
  const types = new Map<string, Type>();
  const { request, namespaceObject, authorizer } = admissionVariables as Record<'request' | 'namespaceObject' | 'authorizer', Type>;
  const within = environment({
    variables: { object, oldObject: object, request, namespaceObject, authorizer, ...(params && { params }), variables: variablesOf(types) },
    libraries: kubernetesLibraries,
  });
  for (const { name = '', expression = '' } of variables) {
    const compiled = compile(expression, within);
    types.set(name, 'issues' in compiled ? DYN : typeOfVariable(compiled.type));
  }
  return within;
}

interface Kind extends GroupVersionKind {
  readonly type: TypeSchema;
}

const MAX_KINDS = 10;

/** The kinds that rules name; one with a wildcard names none. */
function matchedKinds(rules: readonly NamedRuleWithOperations[], apis: Apis): Kind[] {
  const found = new Map<string, Kind>();
  for (const { apiGroups = [], apiVersions = [], resources = [] } of rules) {
    if ([...apiGroups, ...apiVersions].some((name) => name.includes('*'))) continue;
    let count = 0;
    for (const { group, version, resource } of combinations(apiGroups, apiVersions, resources)) {
      for (const kind of kindsFor(apis, { group, version, resource })) {
        found.set(`${apiVersionOf(kind)}/${kind.kind}`, kind);
        if (++count === MAX_KINDS) return sorted(found);
      }
    }
  }
  return sorted(found);
}

function* combinations(groups: readonly string[], versions: readonly string[], resources: readonly string[]) {
  for (const group of groups.toSorted())
    for (const version of versions.toSorted()) for (const resource of resources.toSorted()) if (!/[*/]/.test(resource)) yield { group, version, resource };
}

/** Without a group, those of all groups (meta.DefaultRESTMapper, KindsFor). */
function* kindsFor({ resources }: Apis, { group, version, resource }: { group: string; version: string; resource: string }): Generator<Kind> {
  for (const served of resources) {
    if ((group && served.group !== group) || (served.resource !== resource && served.singular !== resource)) continue;
    const inVersion = served.versions.find((candidate) => candidate.version === version);
    if (inVersion) yield { group: served.group, version, kind: served.kind, type: inVersion.type };
  }
}

const sorted = (kinds: ReadonlyMap<string, Kind>): Kind[] => [...kinds.values()].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));

const sortKey = ({ group, version, kind }: Kind): string => [group, version, kind].join('\0');

function typeOf(apis: Apis, apiVersion: string, kind: string): Type | undefined {
  const version = apis.ofKind(apiVersion, kind)?.versions.find(({ version }) => version === apiVersion.slice(apiVersion.lastIndexOf('/') + 1));
  return version && declared(version.type, kind);
}

const declared = (type: TypeSchema, kind: string): Type | undefined => schemaType(expressionSchema(type), { name: kind, root: true })?.type;
