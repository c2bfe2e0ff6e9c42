import { type FieldRequirements, requirementsIn } from '../../apis/field-selectors.ts';
import { type Attributes, type Authorization, aggregated } from '../../auth/authorizer.ts';
import { clusterAuthorizer } from '../../auth/cluster-authorizer.ts';
import { goValue } from '../../kube/go-value.ts';
import type { KubeObject, ObjectMeta } from '../../kube/object.ts';
import { parseLabelSelector } from '../../kube/selectors.ts';
import { badRequest, type FieldError, invalid } from '../../kube/status.ts';
import type { User } from '../../kube/user.ts';
import { forbiddenField, invalidValue, invalidValues, required } from '../../kube/validation/field.ts';
import { labelValue, qualifiedName } from '../../kube/validation/names.ts';
import type { SelfSubjectRulesReview, SubjectAccessReviewSpec } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { answerWith } from '../answers/answers.ts';
import type { WriteCall } from '../call.ts';
import { changesCluster, onlyRead, readingRules } from '../request/only-read.ts';
import { admittedReview } from './admitted-review.ts';

/** "May this user do this?" (`kubectl auth can-i`; authorization.k8s.io). The same authorizer answers that decides on requests, by the newest state as there. */

export const selfSubjectAccessReview = (call: WriteCall): Promise<Response> => reviewAccess(call, () => call.user);

export const subjectAccessReview = (call: WriteCall): Promise<Response> => reviewAccess(call, subjectOf);

export const localSubjectAccessReview = (call: WriteCall): Promise<Response> => reviewAccess(call, subjectOf);

/** What a user may do in a namespace, as far as can be listed (`kubectl auth can-i --list`). */
export async function selfSubjectRulesReview(call: WriteCall): Promise<Response> {
  const { review, state } = await admittedReview<SelfSubjectRulesReview>(call, (sent) => {
    if (!sent.spec?.namespace) throw badRequest('no namespace on request');
    return sent;
  });
  const { kind, apiVersion, spec } = review;
  const ofToday = clusterAuthorizer.rulesFor(call.user, spec.namespace!, state);
  const { errors, ...rules } = call.when ? readingRules(ofToday) : ofToday;
  const status = { ...rules, ...(errors.length > 0 && { evaluationError: aggregated(errors) }) };
  return answerWith(call, { kind, apiVersion, metadata: {}, spec: {}, status }, 201);
}

async function reviewAccess(call: WriteCall, subject: (review: Review) => User): Promise<Response> {
  const { review, state } = await admittedReview<Review>(call, (sent) => {
    const complete = { ...sent, spec: sent.spec ?? {} };
    const errors = errorsOf(complete);
    if (errors.length > 0) throw invalid({ group: 'authorization.k8s.io', kind: '' }, '', errors);
    return complete;
  });
  const { resourceAttributes: of = {} } = review.spec;
  const fields = fieldRequirements(of.fieldSelector);
  const attributes = attributesOf(review, subject(review), fields.requirements);
  const { allowed, denied, reason } = decide(attributes, call, state);
  // Kubernetes goes on with what it could read of a selector, and says that it left something out.
  const evaluationError = [ignored(fields, 'fieldSelector'), ignored(labelRequirements(of.labelSelector), 'labelSelector')].filter(Boolean).join('; ');
  return answerWith(
    call,
    { ...review, status: { allowed, ...(denied && { denied }), ...(reason && { reason }), ...(evaluationError && { evaluationError }) } },
    201,
  );
}

/** No role helps to change the past: what a request would be answered with 405 is denied here, so that a client shows what there is and offers nothing that cannot be done. */
function decide(attributes: Attributes, { when, cluster }: WriteCall, state: State): Authorization & { readonly denied?: true } {
  if (when && attributes.path === undefined && changesCluster(attributes)) return { allowed: false, denied: true, reason: onlyRead(cluster) };
  return clusterAuthorizer.authorize(attributes, state);
}

/** What the kinds of review have in common; each has its own part of the spec. */
type Review = KubeObject & { spec: SubjectAccessReviewSpec };

const subjectOf = ({ spec }: Review): User => ({
  username: spec.user ?? '',
  groups: spec.groups ?? [],
  ...(spec.uid && { uid: spec.uid }),
  ...(spec.extra && { extra: spec.extra }),
});

function attributesOf({ spec }: Review, user: User, fields: FieldRequirements): Attributes {
  const { resourceAttributes: of = {}, nonResourceAttributes: path } = spec;
  if (path) return { user, verb: path.verb ?? '', path: path.path ?? '' };
  return {
    user,
    verb: of.verb ?? '',
    group: of.group ?? '',
    version: of.version || '*',
    resource: of.resource ?? '',
    ...(of.subresource && { subresource: of.subresource }),
    ...(of.namespace && { namespace: of.namespace }),
    ...(of.name && { name: of.name }),
    ...(fields.length > 0 && { fields }),
  };
}

/** apis/authorization/validation */
function errorsOf({ kind, metadata, spec = {} }: Review): FieldError[] {
  const { resourceAttributes: resource, nonResourceAttributes: path, user, groups } = spec;
  const errors: FieldError[] = [];
  if (resource && path) errors.push(invalidValue('spec.nonResourceAttributes', inGo(path), 'cannot be specified in combination with resourceAttributes'));
  if (!resource && !path)
    errors.push(invalidValue('spec.resourceAttributes', null, 'exactly one of nonResourceAttributes or resourceAttributes must be specified'));
  if (kind !== 'SelfSubjectAccessReview' && !user && !groups?.length)
    errors.push(invalidValue('spec.user', user ?? '', 'at least one of user or group must be specified'));
  if (resource?.fieldSelector) errors.push(...selectorErrors(resource.fieldSelector, 'spec.resourceAttributes.fieldSelector', fieldRequirementErrors));
  if (resource?.labelSelector) errors.push(...selectorErrors(resource.labelSelector, 'spec.resourceAttributes.labelSelector', labelRequirementErrors));
  const isLocal = kind === 'LocalSubjectAccessReview';
  const { namespace, managedFields: _, ...rest } = metadata as Partial<ObjectMeta>;
  if (Object.keys(rest).length > 0)
    errors.push(invalidValue('metadata', goValue('meta.ObjectMeta', metadata), `must be empty${isLocal ? ' except for namespace' : ''}`));
  if (isLocal && resource && (resource.namespace ?? '') !== namespace)
    errors.push(invalidValue('spec.resourceAttributes.namespace', resource.namespace ?? '', 'must match metadata.namespace'));
  if (isLocal && path) errors.push(invalidValue('spec.nonResourceAttributes', inGo(path), 'disallowed on this kind of request'));
  return errors;
}

/** What of a selector could be read, and whether that is all of it (registry/authorization/util, BuildEvaluationError). */
interface ReadSelector<Requirements> {
  readonly requirements: Requirements;
  readonly whole: boolean;
}

function ignored({ requirements, whole }: ReadSelector<readonly unknown[]>, name: string): string {
  return whole ? '' : `spec.resourceAttributes.${name}${requirements.length > 0 ? ' partially' : ''} ignored due to parse error`;
}

function fieldRequirements({ rawSelector, requirements = [] }: Selector = {}): ReadSelector<FieldRequirements> {
  if (rawSelector) return parsed(() => [...requirementsIn(rawSelector)]);
  // Selectors of fields know one value and two operators.
  const known = requirements.filter(({ operator, values = [] }) => (operator === 'In' || operator === 'NotIn') && values.length === 1);
  return {
    requirements: known.map(({ key = '', operator, values }) => ({ field: key, operator: operator === 'In' ? '=' : '!=', value: values![0]! })),
    whole: known.length === requirements.length,
  };
}

/** No authorizer looks at labels: all that matters is whether they could be read. */
function labelRequirements({ rawSelector, requirements = [] }: Selector = {}): ReadSelector<readonly unknown[]> {
  if (rawSelector) return parsed(() => parseLabelSelector(rawSelector));
  const known = requirements.filter(({ operator = '' }) => ['In', 'NotIn', 'Exists', 'DoesNotExist'].includes(operator));
  return { requirements: known, whole: known.length === requirements.length };
}

function parsed<T>(parse: () => readonly T[]): ReadSelector<readonly T[]> {
  try {
    return { requirements: parse(), whole: true };
  } catch {
    return { requirements: [], whole: false };
  }
}

interface Selector {
  readonly rawSelector?: string;
  readonly requirements?: readonly Requirement[];
}

interface Requirement {
  readonly key?: string;
  readonly operator?: string;
  readonly values?: readonly string[];
}

/** A selector stands as a text or taken apart. An operator that is not known is no error: the authorizer ignores what it does not understand. */
function selectorErrors(selector: Selector, path: string, ofRequirement: (requirement: Requirement, path: string) => FieldError[]): FieldError[] {
  const { rawSelector = '', requirements = [] } = selector;
  return [
    ...(rawSelector && requirements.length ? [invalidValue(`${path}.rawSelector`, rawSelector, 'may not specified at the same time as requirements')] : []),
    ...(rawSelector || requirements.length ? [] : [required(`${path}.requirements`, `when ${path} is specified, requirements or rawSelector is required`)]),
    ...requirements.flatMap((requirement, i) => ofRequirement(requirement, `${path}.requirements[${i}]`)),
  ];
}

const fieldRequirementErrors = ({ key, ...rest }: Requirement, path: string): FieldError[] => [
  ...(key ? [] : [required(`${path}.key`, 'must be specified')]),
  ...valuesErrors(rest, path),
];

const labelRequirementErrors = ({ key = '', ...rest }: Requirement, path: string): FieldError[] => [
  ...valuesErrors(rest, path),
  ...invalidValues(`${path}.key`, key, qualifiedName(key)),
  ...(rest.values ?? []).flatMap((value, i) => invalidValues(`${path}.values[${i}]`, value, labelValue(value))),
];

function valuesErrors({ operator, values = [] }: Requirement, path: string): FieldError[] {
  if (operator === 'In' || operator === 'NotIn')
    return values.length ? [] : [required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'")];
  if (operator === 'Exists' || operator === 'DoesNotExist')
    return values.length ? [forbiddenField(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")] : [];
  return [];
}

/** An error prints the internal type. */
const inGo = ({ path = '', verb = '' }: { path?: string; verb?: string }) => ({ Path: path, Verb: verb });
