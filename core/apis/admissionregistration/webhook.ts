import { same } from '../../kube/object.ts';
import type { FieldError } from '../../kube/status.ts';
import { duplicate, invalidValue, invalidValues, notSupported, required } from '../../kube/validation/field.ts';
import { label1035, subdomain } from '../../kube/validation/names.ts';
import { repeats } from '../../kube/validation/repeats.ts';
import { validateLabelSelector } from '../../kube/validation/selector.ts';
import type { AdmissionregistrationWebhookClientConfig, MutatingWebhook, ValidatingWebhook } from '../../schema/generated/kinds.ts';
import { validateMatchConditions } from './match.ts';
import { defaultRule, validateOperationsRule } from './rule.ts';
import { validateWebhookService, validateWebhookUrl } from './webhook-client.ts';

/** What the webhooks of both configurations have in common (pkg/apis/admissionregistration/v1/defaults.go and validation). */

export function defaultWebhook(hook: Webhook): void {
  hook.failurePolicy ??= 'Fail';
  hook.matchPolicy ??= 'Equivalent';
  hook.namespaceSelector ??= {};
  hook.objectSelector ??= {};
  hook.timeoutSeconds ??= 10;
  for (const rule of hook.rules ?? []) defaultRule(rule);
  if (hook.clientConfig?.service) hook.clientConfig.service.port ??= 443;
}

type Webhook = MutatingWebhook | ValidatingWebhook;

export function validateWebhooks(hooks: readonly Webhook[], previous?: readonly Webhook[]): FieldError[] {
  const repeated = repeats(hooks, ({ name }) => name ?? '');
  const keepConditions = previous?.length === hooks.length && hooks.every((hook, i) => same(hook.matchConditions ?? [], previous[i]!.matchConditions ?? []));
  return hooks.flatMap((hook, i) => [
    ...validateWebhook(hook, `webhooks[${i}]`, keepConditions),
    ...(hook.name && repeated.has(i) ? [duplicate(`webhooks[${i}].name`, hook.name)] : []),
  ]);
}

const SIDE_EFFECTS = ['None', 'NoneOnDryRun'];
const REVIEW_VERSIONS = ['v1', 'v1beta1'];

function validateWebhook(hook: Webhook, path: string, keepConditions: boolean): FieldError[] {
  const { rules = [], failurePolicy, matchPolicy, sideEffects, timeoutSeconds } = hook;
  return [
    ...validateQualifiedName(hook.name, `${path}.name`),
    ...rules.flatMap((rule, i) => validateOperationsRule(rule, `${path}.rules[${i}]`)),
    ...choice(`${path}.failurePolicy`, failurePolicy, ['Fail', 'Ignore']),
    ...choice(`${path}.matchPolicy`, matchPolicy, ['Equivalent', 'Exact']),
    ...(sideEffects === undefined ? [required(`${path}.sideEffects`, `must specify one of ${SIDE_EFFECTS.join(', ')}`)] : []),
    ...choice(`${path}.sideEffects`, sideEffects, SIDE_EFFECTS),
    ...(timeoutSeconds !== undefined && (timeoutSeconds > 30 || timeoutSeconds < 1)
      ? [invalidValue(`${path}.timeoutSeconds`, timeoutSeconds, 'the timeout value must be between 1 and 30 seconds')]
      : []),
    ...validateLabelSelector(hook.namespaceSelector, `${path}.namespaceSelector`),
    ...validateLabelSelector(hook.objectSelector, `${path}.objectSelector`),
    ...('reinvocationPolicy' in hook ? choice(`${path}.reinvocationPolicy`, hook.reinvocationPolicy, ['IfNeeded', 'Never']) : []),
    ...validateClient(hook.clientConfig, `${path}.clientConfig`),
    ...(keepConditions ? [] : validateMatchConditions(hook.matchConditions ?? [], `${path}.matchConditions`)),
    ...validateReviewVersions(hook.admissionReviewVersions ?? [], `${path}.admissionReviewVersions`),
  ];
}

const choice = (field: string, value: string | undefined, values: readonly string[]): FieldError[] =>
  value === undefined || values.includes(value) ? [] : [notSupported(field, value, values)];

/** A domain of at least three parts (IsFullyQualifiedName). */
function validateQualifiedName(name: string | undefined, field: string): FieldError[] {
  if (!name) return [required(field)];
  const messages = subdomain(name);
  if (messages.length) return [invalidValue(field, name, messages.join(','))];
  return name.split('.').length < 3 ? [invalidValue(field, name, 'should be a domain with at least three segments separated by dots')] : [];
}

function validateReviewVersions(versions: readonly string[], field: string): FieldError[] {
  if (!versions.length) return [required(field, `must specify one of ${REVIEW_VERSIONS.join(', ')}`)];
  return [
    ...versions.flatMap((version, i) =>
      versions.indexOf(version) < i
        ? [invalidValue(`${field}[${i}]`, version, 'duplicate version')]
        : invalidValues(`${field}[${i}]`, version, label1035(version)),
    ),
    ...(versions.some((version) => REVIEW_VERSIONS.includes(version))
      ? []
      : [invalidValue(field, versions, `must include at least one of ${REVIEW_VERSIONS.join(', ')}`)]),
  ];
}

function validateClient({ url, service }: AdmissionregistrationWebhookClientConfig = {}, path: string): FieldError[] {
  if ((url === undefined) === (service === undefined)) return [required(path, 'exactly one of url or service is required')];
  return service ? validateWebhookService(service, `${path}.service`) : validateWebhookUrl(url!, `${path}.url`);
}
