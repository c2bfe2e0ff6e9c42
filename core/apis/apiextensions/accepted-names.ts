import type { ClusterInstant } from '../../instant.ts';
import { same } from '../../kube/object.ts';
import type { CustomResourceDefinition, CustomResourceDefinitionNames, CustomResourceDefinitionStatus, JSONSchemaProps } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { type Condition, isTrue, withCondition, withoutCondition } from './conditions.ts';
import { approvalOf, isProtected } from './definition/approval.ts';
import { isCaBundle } from './definition/conversion-errors.ts';
import { notStructural } from './definition/schema/not-structural.ts';
import { structuralErrors } from './definition/schema/structural-rules.ts';

export const DEFINITIONS = 'customresourcedefinitions.apiextensions.k8s.io';

/**
 * The status that a definition comes to: which of its names it gets, whether its resource is served under them, and what is to be said of its schema and of its group.
 * Kubernetes has a controller for each (apiextensions-apiserver's pkg/controller/status, establish, nonstructuralschema, apiapproval), and takes seconds; here it is
 * decided with the write itself, so that what is established is served at once.
 */
export function settledStatus(definition: CustomResourceDefinition, { state, now }: { state: State; now: ClusterInstant }): CustomResourceDefinitionStatus {
  const named = withNames(definition, state, now);
  const violations = nonStructural(definition);
  const conditions = [establishment({ ...definition, status: named }), violations, approval(definition)];
  const status = conditions.reduce((before, condition) => (condition ? settled(before, condition, now) : before), named);
  return violations ? status : withoutCondition(status, 'NonStructuralSchema');
}

function withNames(definition: CustomResourceDefinition, state: State, now: ClusterInstant): CustomResourceDefinitionStatus {
  const { spec, status = {} } = definition;
  if (same(spec.names, status.acceptedNames)) return status;
  const { names, condition } = acceptedNames(definition, state);
  return settled({ ...status, acceptedNames: names }, condition, now);
}

/** The same status when it says so already. */
function settled(status: CustomResourceDefinitionStatus, condition: Condition, now: ClusterInstant): CustomResourceDefinitionStatus {
  const before = status.conditions?.find(({ type }) => type === condition.type);
  const isSame = before?.status === condition.status && before.reason === condition.reason && before.message === condition.message;
  return isSame ? status : withCondition(status, condition, now);
}

interface Accepted {
  readonly names: CustomResourceDefinitionNames;
  readonly condition: Condition;
}

/** Each name that no other definition of the group has is accepted; one that another has stays what it was (naming_controller.go). */
function acceptedNames(definition: CustomResourceDefinition, state: State): Accepted {
  const { names: wanted } = definition.spec;
  const had: Partial<CustomResourceDefinitionNames> = definition.status?.acceptedNames ?? {};
  const { resources, kinds } = namesInUse(definition, state);
  let condition: Condition = { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' };
  const refuse = (reason: string, message: string) => {
    condition = { type: 'NamesAccepted', status: 'False', reason, message };
  };
  const settled = (name: 'plural' | 'singular' | 'kind' | 'listKind', used: ReadonlySet<string>): string => {
    const asked = wanted[name] ?? '';
    if (asked === had[name] || !used.has(asked)) return asked;
    refuse(`${name[0]!.toUpperCase()}${name.slice(1)}Conflict`, inUse(asked));
    return had[name] ?? '';
  };
  const plural = settled('plural', resources);
  const singular = settled('singular', resources);
  const taken = (wanted.shortNames ?? []).filter((name) => !had.shortNames?.includes(name) && resources.has(name));
  if (taken.length > 0) refuse('ShortNamesConflict', taken.length === 1 ? inUse(taken[0]!) : `[${taken.map(inUse).join(', ')}]`);
  const shortNames = taken.length > 0 ? had.shortNames : wanted.shortNames;
  const kind = settled('kind', kinds);
  const listKind = settled('listKind', kinds);
  const { categories } = wanted;
  const names = {
    plural,
    ...(singular && { singular }),
    ...(shortNames && { shortNames }),
    kind,
    ...(listKind && { listKind }),
    ...(categories && { categories }),
  };
  return { names, condition };
}

const inUse = (name: string) => `${JSON.stringify(name)} is already in use`;

function namesInUse({ metadata, spec }: CustomResourceDefinition, state: State): { resources: ReadonlySet<string>; kinds: ReadonlySet<string> } {
  const resources = new Set<string>();
  const kinds = new Set<string>();
  for (const other of state.list(DEFINITIONS)) {
    if (other.metadata.name === metadata.name || other.spec.group !== spec.group) continue;
    const { plural, singular, shortNames = [], kind, listKind } = other.status?.acceptedNames ?? ({} as CustomResourceDefinitionNames);
    for (const name of [plural, singular, ...shortNames]) if (name) resources.add(name);
    for (const name of [kind, listKind]) if (name) kinds.add(name);
  }
  return { resources, kinds };
}

/** What was established stays so, whatever becomes of its names (establishing_controller.go). */
function establishment(definition: CustomResourceDefinition): Condition | undefined {
  if (isTrue(definition, 'Established')) return undefined;
  if (!isTrue(definition, 'NamesAccepted')) return { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' };
  const bundle = definition.spec.conversion?.webhook?.clientConfig?.caBundle;
  if (bundle && !isCaBundle(bundle)) {
    return { type: 'Established', status: 'False', reason: 'InvalidCABundle', message: 'The conversion webhook CABundle is invalid' };
  }
  return { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' };
}

/** A schema that is not structural can only be one that was stored before it had to be. */
function nonStructural({ spec }: CustomResourceDefinition): Condition | undefined {
  const problems = spec.versions.flatMap(({ schema }, i) => {
    const root = schema?.openAPIV3Schema;
    return root ? violationsOf(root).map((text) => `spec.versions[${i}].schema.openAPIV3Schema${text}`) : [];
  });
  if (problems.length === 0) return undefined;
  return { type: 'NonStructuralSchema', status: 'True', reason: 'Violations', message: problems.length === 1 ? problems[0]! : `[${problems.join(', ')}]` };
}

function violationsOf(schema: JSONSchemaProps): readonly string[] {
  let known = violations.get(schema);
  if (!known) {
    const problem = notStructural(schema);
    known = problem === undefined ? structuralErrors(schema, '').map(({ field, message }) => `${field}: ${message}`) : [`: ${problem}`];
    violations.set(schema, known);
  }
  return known;
}

const violations = new WeakMap<JSONSchemaProps, readonly string[]>();

const APPROVALS = {
  missing: ['False', 'MissingAnnotation'],
  invalid: ['False', 'InvalidAnnotation'],
  bypassed: ['False', 'UnapprovedAnnotation'],
  approved: ['True', 'ApprovedAnnotation'],
} as const;

function approval({ metadata, spec }: CustomResourceDefinition): Condition | undefined {
  if (!isProtected(spec.group)) return undefined;
  const { state, reason: message } = approvalOf(metadata);
  const [status, reason] = APPROVALS[state];
  return { type: 'KubernetesAPIApprovalPolicyConformant', status, reason, message };
}
