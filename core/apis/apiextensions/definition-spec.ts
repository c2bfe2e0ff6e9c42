import type { ObjectMeta } from '../../kube/object.ts';
import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, invalidValue, invalidValues, oneOf, required } from '../../kube/validation/field.ts';
import { label1035, subdomain } from '../../kube/validation/names.ts';
import type {
  CustomResourceConversion,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
} from '../../schema/generated/kinds.ts';
import { validateWebhookService, validateWebhookUrl } from '../admissionregistration/webhook-client.ts';

/** What the spec of a CustomResourceDefinition may be (pkg/apis/apiextensions/validation). */
export function validateSpec({ name, annotations }: ObjectMeta, spec: CustomResourceDefinitionSpec): FieldError[] {
  const { group = '', names = {} as CustomResourceDefinitionNames, scope, versions = [] } = spec;
  const wanted = `${names.plural}.${group}`;
  return [
    ...(name === wanted ? [] : [invalidValue('metadata.name', name, 'must be spec.names.plural+"."+spec.group')]),
    ...validateGroup(group),
    ...(isProtected(group) && !annotations?.[APPROVAL] ? [required(`metadata.annotations[${APPROVAL}]`, APPROVAL_MESSAGE)] : []),
    ...oneOf('spec.scope', scope, ['Cluster', 'Namespaced']),
    ...validateVersions(versions),
    ...(spec.preserveUnknownFields ? [invalidValue('spec.preserveUnknownFields', true, 'must be false in order to use defaults in the schema')] : []),
    ...validateNames(names, 'spec.names'),
    ...(spec.conversion ? validateConversion(spec.conversion, 'spec.conversion') : []),
  ];
}

const APPROVAL = 'api-approved.kubernetes.io';
const APPROVAL_MESSAGE = `protected groups must have approval annotation "${APPROVAL}", see https://github.com/kubernetes/enhancements/pull/1111`;

/** Groups of the Kubernetes community. */
const isProtected = (group: string) => group === 'k8s.io' || group === 'kubernetes.io' || group.endsWith('.k8s.io') || group.endsWith('.kubernetes.io');

function validateGroup(group: string): FieldError[] {
  if (!group) return [required('spec.group')];
  const errors = invalidValues('spec.group', group, subdomain(group));
  return group.includes('.') ? errors : [...errors, invalidValue('spec.group', group, 'should be a domain with at least one dot')];
}

function validateVersions(versions: readonly CustomResourceDefinitionVersion[]): FieldError[] {
  if (!versions.length) return [required('spec.versions', 'must have at least one version')];
  const names = versions.map(({ name }) => name);
  return [
    ...versions.flatMap((version, i) => validateVersion(version, `spec.versions[${i}]`)),
    ...(new Set(names).size < names.length ? [invalidValue('spec.versions', versions, 'must contain unique version names')] : []),
    ...(versions.filter(({ storage }) => storage).length === 1
      ? []
      : [invalidValue('spec.versions', versions, 'must have exactly one version marked as storage version')]),
  ];
}

function validateVersion({ name = '', schema, subresources, deprecated, deprecationWarning }: CustomResourceDefinitionVersion, path: string): FieldError[] {
  const root = schema?.openAPIV3Schema;
  return [
    ...invalidValues(`${path}.name`, name, label1035(name)),
    ...(root ? [] : [required(`${path}.schema.openAPIV3Schema`, 'schemas are required')]),
    ...(root && !root.type ? [required(`${path}.schema.openAPIV3Schema.type`, 'must not be empty at the root')] : []),
    ...(root?.type && root.type !== 'object' ? [invalidValue(`${path}.schema.openAPIV3Schema.type`, root.type, 'must be object at the root')] : []),
    ...(deprecationWarning !== undefined && !deprecated
      ? [invalidValue(`${path}.deprecationWarning`, deprecationWarning, 'can only be set for deprecated versions')]
      : []),
    ...validateScale(subresources?.scale, `${path}.subresources.scale`),
  ];
}

function validateScale(scale: { specReplicasPath?: string; statusReplicasPath?: string } | undefined, path: string): FieldError[] {
  if (!scale) return [];
  return (['specReplicasPath', 'statusReplicasPath'] as const).flatMap((field) => {
    const value = scale[field];
    const under = field === 'specReplicasPath' ? '.spec.' : '.status.';
    if (!value) return [required(`${path}.${field}`)];
    return value.startsWith(under) ? [] : [invalidValue(`${path}.${field}`, value, `should be a json path under ${under.slice(0, -1)}`)];
  });
}

function validateNames({ plural, singular, kind, listKind, shortNames = [], categories = [] }: CustomResourceDefinitionNames, path: string): FieldError[] {
  const optional = (field: string, value: string | undefined, lower = false) =>
    value ? invalidValues(`${path}.${field}`, value, label1035(lower ? value.toLowerCase() : value)) : [];
  return [
    ...(plural ? [] : [required(`${path}.plural`)]),
    ...optional('plural', plural),
    ...optional('singular', singular),
    ...(kind ? [] : [required(`${path}.kind`)]),
    ...optional('kind', kind, true),
    ...(listKind ? [] : [required(`${path}.listKind`)]),
    ...optional('listKind', listKind, true),
    ...(kind && kind === listKind ? [invalidValue(`${path}.listKind`, listKind, 'kind and listKind may not be the same')] : []),
    ...shortNames.flatMap((name, i) => invalidValues(`${path}.shortNames[${i}]`, name, label1035(name))),
    ...categories.flatMap((name, i) => invalidValues(`${path}.categories[${i}]`, name, label1035(name))),
  ];
}

function validateConversion({ strategy, webhook }: CustomResourceConversion, path: string): FieldError[] {
  const errors = oneOf(`${path}.strategy`, strategy, ['None', 'Webhook']);
  if (strategy !== 'Webhook') {
    return webhook?.clientConfig ? [...errors, forbiddenField(`${path}.webhookClientConfig`, 'should not be set when strategy is not set to Webhook')] : errors;
  }
  const { clientConfig, conversionReviewVersions = [] } = webhook ?? {};
  if (!clientConfig) errors.push(required(`${path}.webhookClientConfig`, 'required when strategy is set to Webhook'));
  else if ((clientConfig.url === undefined) === (clientConfig.service === undefined))
    errors.push(required(`${path}.webhookClientConfig`, 'exactly one of url or service is required'));
  else if (clientConfig.service) errors.push(...validateWebhookService(clientConfig.service, `${path}.webhookClientConfig.service`));
  else errors.push(...validateWebhookUrl(clientConfig.url!, `${path}.webhookClientConfig.url`));
  if (!conversionReviewVersions.length) errors.push(required(`${path}.conversionReviewVersions`));
  else if (!conversionReviewVersions.some((version) => version === 'v1' || version === 'v1beta1'))
    errors.push(invalidValue(`${path}.conversionReviewVersions`, conversionReviewVersions, 'must include at least one of v1, v1beta1'));
  return errors;
}
