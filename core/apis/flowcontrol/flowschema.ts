import { goValue } from '../../kube/go-value.ts';
import { same } from '../../kube/object.ts';
import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, invalidValue, invalidValues, notSupported, required } from '../../kube/validation/field.ts';
import { label, subdomain } from '../../kube/validation/names.ts';
import type {
  FlowcontrolSubject,
  FlowSchema,
  FlowSchemaSpec,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
} from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { emptyStatus } from '../status-subresource.ts';
import type { Strategy } from '../strategy.ts';
import { namedConditionErrors } from './conditions.ts';
import { fixedFlowSchemas } from './fixed-specs.ts';

/** flowcontrol.apiserver.k8s.io/v1 FlowSchema: which requests belong together, and at which level (flows.ts). */
export const strategy: Strategy<FlowSchema> = {
  statusKeeps: 'metadata',
  generation: 'spec',
  prepareForCreate: emptyStatus(),
  defaults({ spec }) {
    if (spec) spec.matchingPrecedence ||= 1000;
  },
  validate: ({ metadata: { name }, spec = {} as FlowSchemaSpec, status }) => [
    ...validateSpec(name, spec),
    ...validateFixed(name, spec),
    ...namedConditionErrors(status?.conditions),
  ],
  validateStatusUpdate: ({ status }) => namedConditionErrors(status?.conditions),
  table: {
    columns: [
      nameColumn,
      column('PriorityLevel', 'string', '`name` is the name of the priority level configuration being referenced Required.'),
      column(
        'MatchingPrecedence',
        'string',
        '`matchingPrecedence` is used to choose among the FlowSchemas that match a given request. The chosen FlowSchema is among those with the numerically lowest (which we take to be logically highest) MatchingPrecedence.  Each MatchingPrecedence value must be ranged in [1,10000]. Note that if the precedence is not specified, it will be set to 1000 as default.',
      ),
      column(
        'DistinguisherMethod',
        'string',
        '`distinguisherMethod` defines how to compute the flow distinguisher for requests that match this schema. `nil` specifies that the distinguisher is disabled and thus will always be the empty string.',
      ),
      ageColumn,
      column('MissingPL', 'string', 'references a broken or non-existent PriorityLevelConfiguration'),
    ],
    cells: (schema, now) => [
      schema.metadata.name,
      schema.spec?.priorityLevelConfiguration.name ?? '',
      schema.spec?.matchingPrecedence ?? 0,
      schema.spec?.distinguisherMethod?.type ?? '<none>',
      ageOf(schema, now),
      schema.status?.conditions?.find(({ type }) => type === 'Dangling')?.status ?? '?',
    ],
  },
};

/** The schemas that a cluster cannot do without are as Kubernetes has them. */
function validateFixed(name: string, spec: FlowSchemaSpec): FieldError[] {
  if (!Object.hasOwn(fixedFlowSchemas, name) || same(spec, fixedFlowSchemas[name])) return [];
  return [invalidValue('spec', goValue('flowcontrol.FlowSchemaSpec', spec), `spec of '${name}' must equal the fixed value`)];
}

const MAX_PRECEDENCE = 10_000;
const METHODS = ['ByNamespace', 'ByUser'];
const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];

function validateSpec(
  name: string,
  { matchingPrecedence: precedence = 0, distinguisherMethod, priorityLevelConfiguration, rules = [] }: FlowSchemaSpec,
): FieldError[] {
  const errors: FieldError[] = [];
  const refuse = (detail: string) => errors.push(invalidValue('spec.matchingPrecedence', precedence, detail));
  if (precedence <= 0) refuse('must be a positive value');
  if (precedence > MAX_PRECEDENCE) refuse(`must not be greater than ${MAX_PRECEDENCE}`);
  if (precedence === 1 && name !== 'exempt') refuse("only the schema named 'exempt' may have matchingPrecedence 1");
  if (distinguisherMethod && !METHODS.includes(distinguisherMethod.type))
    errors.push(notSupported('spec.distinguisherMethod.type', goValue('flowcontrol.FlowDistinguisherMethod', distinguisherMethod), METHODS));
  const level = priorityLevelConfiguration?.name;
  errors.push(
    ...(level
      ? invalidValues('spec.priorityLevelConfiguration.name', level, subdomain(level))
      : [required('spec.priorityLevelConfiguration.name', 'must reference a priority level')]),
    ...rules.flatMap((rule, i) => validateRules(rule, `spec.rules[${i}]`)),
  );
  return errors;
}

function validateRules({ subjects = [], resourceRules = [], nonResourceRules = [] }: PolicyRulesWithSubjects, path: string): FieldError[] {
  return [
    ...(subjects.length ? [] : [required(`${path}.subjects`, 'subjects must contain at least one value')]),
    ...subjects.flatMap((subject, i) => validateSubject(subject, `${path}.subjects[${i}]`)),
    ...(resourceRules.length || nonResourceRules.length ? [] : [required(path, 'at least one of resourceRules and nonResourceRules has to be non-empty')]),
    ...resourceRules.flatMap((rule, i) => validateResourceRule(rule, `${path}.resourceRules[${i}]`)),
    ...nonResourceRules.flatMap((rule, i) => validateNonResourceRule(rule, `${path}.nonResourceRules[${i}]`)),
  ];
}

/** The field that describes each kind of subject. */
const SUBJECTS = { Group: 'group', ServiceAccount: 'serviceAccount', User: 'user' } as const;

const IN_ORDER = [
  ['ServiceAccount', 'serviceAccount'],
  ['User', 'user'],
  ['Group', 'group'],
] as const;

function validateSubject(subject: FlowcontrolSubject, path: string): FieldError[] {
  const own = SUBJECTS[subject.kind as keyof typeof SUBJECTS] as (typeof SUBJECTS)[keyof typeof SUBJECTS] | undefined;
  if (!own) return [notSupported(`${path}.kind`, subject.kind ?? '', Object.keys(SUBJECTS))];
  const errors: FieldError[] = [];
  if (!subject[own]) errors.push(required(`${path}.${own}`, `${own} is required when subject kind is '${subject.kind}'`));
  else if (own === 'serviceAccount') errors.push(...validateServiceAccount(subject.serviceAccount!, `${path}.serviceAccount`));
  else if (!subject[own].name) errors.push(required(`${path}.${own}.name`));
  for (const [kind, field] of IN_ORDER)
    if (field !== own && subject[field]) errors.push(forbiddenField(`${path}.${field}`, `${field} is forbidden when subject kind is not '${kind}'`));
  return errors;
}

const validateServiceAccount = ({ name, namespace }: { name: string; namespace: string }, path: string): FieldError[] => [
  ...(name ? [] : [required(`${path}.name`)]),
  ...(name === '*' || !name ? [] : invalidValues(`${path}.name`, name, subdomain(name))),
  ...(namespace
    ? invalidValues(`${path}.namespace`, namespace, label(namespace))
    : [required(`${path}.namespace`, 'must specify namespace for service account')]),
];

function validateVerbs(verbs: readonly string[], path: string): FieldError[] {
  if (!verbs.length) return [required(path, 'verbs must contain at least one value')];
  if (verbs.includes('*')) return verbs.length > 1 ? [invalidValue(path, verbs, "if '*' is present, must not specify other verbs")] : [];
  return verbs.every((verb) => VERBS.includes(verb)) ? [] : [notSupported(path, verbs, VERBS)];
}

const validateList = (values: readonly string[], path: string, missing: string, others: string): FieldError[] => {
  if (!values.length) return [required(path, missing)];
  return values.length > 1 && values.includes('*') ? [invalidValue(path, values, `if '*' is present, must not specify other ${others}`)] : [];
};

function validateResourceRule({ verbs = [], apiGroups = [], resources = [], namespaces = [], clusterScope }: ResourcePolicyRule, path: string): FieldError[] {
  return [
    ...validateVerbs(verbs, `${path}.verbs`),
    ...validateList(apiGroups, `${path}.apiGroups`, 'resource rules must supply at least one api group', 'api groups'),
    ...validateList(resources, `${path}.resources`, 'resource rules must supply at least one resource', 'resources'),
    ...(namespaces.length || !clusterScope
      ? validateList(namespaces, `${path}.namespaces`, 'resource rules that are not cluster scoped must supply at least one namespace', 'namespaces')
      : []),
    ...namespaces.flatMap((namespace, i) =>
      namespaces.includes('*')
        ? []
        : label(namespace).map((message) =>
            invalidValue(`${path}.namespaces[${i}]`, namespace, `each member of this list must be '*' or a DNS-1123 label; ${message}`),
          ),
    ),
  ];
}

function validateNonResourceRule({ verbs = [], nonResourceURLs: urls = [] }: NonResourcePolicyRule, path: string): FieldError[] {
  return [
    ...validateVerbs(verbs, `${path}.verbs`),
    ...validateList(urls, `${path}.nonResourceURLs`, 'nonResourceURLs must contain at least one value', 'non-resource URLs'),
    ...(urls.includes('*') ? [] : urls.flatMap((url, i) => validateUrl(url, `${path}.nonResourceURLs[${i}]`))),
  ];
}

function validateUrl(url: string, path: string): FieldError[] {
  if (url === '/') return [];
  const wildcards = url.split('*').length - 1;
  const rules: [bad: boolean, detail: string][] = [
    [!url, 'must not be empty'],
    [!url.startsWith('/'), 'must start with slash'],
    [url.includes(' '), 'must not contain white-space'],
    [url.includes('//'), 'must not contain double slash'],
    [wildcards > 1 || (wildcards === 1 && !url.endsWith('/*')), 'wildcard can only do suffix matching'],
  ];
  const broken = rules.find(([bad]) => bad);
  return broken ? [invalidValue(path, url, broken[1])] : [];
}
