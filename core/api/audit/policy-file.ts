import { type Fields, isFields } from '../../kube/fields.ts';
import type { FieldError } from '../../kube/status.ts';
import { invalidValue, notSupported, required } from '../../kube/validation/field.ts';
import { subdomain } from '../../kube/validation/names.ts';
import { parseYaml } from '../codec/yaml.ts';
import { type AuditPolicy, type GroupResources, LEVELS, type PolicyRule, STAGES } from './policy.ts';

/**
 * The policy in a file, YAML or JSON. Throws for what is none, in the words of kube-apiserver (apiserver/pkg/audit/policy/reader.go,
 * apis/audit/validation). Fields that there are not are refused: kube-apiserver warns of them, and audits less than its operator believes.
 */
export function auditPolicyFrom(text: string): AuditPolicy {
  const problems: string[] = [];
  const value = parseYaml(text, (problem) => problems.push(problem));
  if (!isFields(value)) throw new Error('failed decoding: the file holds no object');
  const { apiVersion = '', kind = '' } = value;
  if (apiVersion !== 'audit.k8s.io/v1' || kind !== 'Policy') throw new Error(`unknown group version field ${apiVersion}, Kind=${kind} in policy`);
  problems.push(...shapeProblems(value, policyShape, ''));
  if (problems.length > 0) throw new Error(`failed decoding: strict decoding error: ${problems.join(', ')}`);
  const policy = value as unknown as AuditPolicy;
  const errors = validate(policy);
  if (errors.length > 0) throw new Error(aggregated(errors.map(({ field, message }) => `${field}: ${message}`)));
  if (!policy.rules?.length) throw new Error('loaded illegal policy with 0 rules');
  return policy;
}

/** utilerrors.Aggregate: one as it is, several in brackets. */
const aggregated = (texts: readonly string[]): string => (texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`);

type Shape = 'text' | 'boolean' | 'anything' | { readonly list: Shape } | { readonly fields: Readonly<Record<string, Shape>> };

const texts: Shape = { list: 'text' };

const policyShape: Shape = {
  fields: {
    apiVersion: 'text',
    kind: 'text',
    metadata: 'anything',
    omitStages: texts,
    omitManagedFields: 'boolean',
    rules: {
      list: {
        fields: {
          level: 'text',
          users: texts,
          userGroups: texts,
          verbs: texts,
          resources: { list: { fields: { group: 'text', resources: texts, resourceNames: texts } } },
          namespaces: texts,
          nonResourceURLs: texts,
          omitStages: texts,
          omitManagedFields: 'boolean',
        },
      },
    },
  },
};

function shapeProblems(value: unknown, shape: Shape, path: string): string[] {
  if (value === null || value === undefined || shape === 'anything') return [];
  if (shape === 'text') return typeof value === 'string' ? [] : [`${path} must be a string`];
  if (shape === 'boolean') return typeof value === 'boolean' ? [] : [`${path} must be a boolean`];
  if ('list' in shape) return Array.isArray(value) ? value.flatMap((one, i) => shapeProblems(one, shape.list, `${path}[${i}]`)) : [`${path} must be a list`];
  if (!isFields(value)) return [`${path} must be an object`];
  return Object.entries(value as Fields).flatMap(([name, field]) => {
    const at = path ? `${path}.${name}` : name;
    return Object.hasOwn(shape.fields, name) ? shapeProblems(field, shape.fields[name]!, at) : [`unknown field ${JSON.stringify(at)}`];
  });
}

const validate = ({ omitStages, rules }: AuditPolicy): FieldError[] => [
  ...stageErrors(omitStages, 'omitStages'),
  ...(rules ?? []).flatMap((rule, i) => ruleErrors(rule, `rules[${i}]`)),
];

function ruleErrors({ level, nonResourceURLs, resources, namespaces, omitStages }: PolicyRule, path: string): FieldError[] {
  const isOfBoth = nonResourceURLs?.length && (resources?.length || namespaces?.length);
  return [
    ...(LEVELS.includes(level) ? [] : [level ? notSupported(`${path}.level`, level, LEVELS) : required(`${path}.level`)]),
    ...(nonResourceURLs ?? []).flatMap((url, i) => urlErrors(url, `${path}.nonResourceURLs[${i}]`)),
    ...(resources ?? []).flatMap((one) => resourcesErrors(one, `${path}.resources`)),
    ...stageErrors(omitStages, `${path}.omitStages`),
    ...(isOfBoth ? [invalidValue(`${path}.nonResourceURLs`, nonResourceURLs, 'rules cannot apply to both regular resources and non-resource URLs')] : []),
  ];
}

function urlErrors(url: string, path: string): FieldError[] {
  if (url === '*') return [];
  return [
    ...(url.startsWith('/') ? [] : [invalidValue(path, url, "non-resource URL rules must begin with a '/' character")]),
    ...(url.slice(0, -1).includes('*') ? [invalidValue(path, url, "non-resource URL wildcards '*' must be the final character of the rule")] : []),
  ];
}

function resourcesErrors({ group = '', resources = [], resourceNames = [] }: GroupResources, path: string): FieldError[] {
  const wrong = group === '' || group === '*' ? [] : subdomain(group);
  return [
    ...(wrong.length > 0 ? [invalidValue(`${path}.group`, group, wrong.join(','))] : []),
    ...(resourceNames.length > 0 && resources.length === 0
      ? [invalidValue(`${path}.resourceNames`, resourceNames, 'using resourceNames requires at least one resource')]
      : []),
  ];
}

const stageErrors = (stages: readonly string[] = [], path: string): FieldError[] =>
  stages.flatMap((stage, i) =>
    (STAGES as readonly string[]).includes(stage) ? [] : [invalidValue(`${path}[${i}]`, stage, `allowed stages are ${STAGES.join(',')}`)],
  );
