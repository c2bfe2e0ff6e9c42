import type { FieldError } from '../../kube/status.ts';
import { invalidValue, required } from '../../kube/validation/field.ts';
import type { PolicyRule } from '../../schema/generated/kinds.ts';

/** Checks what a role allows (ValidatePolicyRule): resources of API groups, or URLs that are not resources. */
export function validatePolicyRule(rule: PolicyRule, path: string, { namespaced }: { namespaced: boolean }): FieldError[] {
  const { verbs = [], nonResourceURLs: urls = [], apiGroups = [], resources = [], resourceNames = [] } = rule;
  const errors = verbs.length ? [] : [required(`${path}.verbs`, 'verbs must contain at least one value')];
  if (urls.length) {
    if (namespaced) errors.push(invalidValue(`${path}.nonResourceURLs`, urls, 'namespaced rules cannot apply to non-resource URLs'));
    if (apiGroups.length || resources.length || resourceNames.length)
      errors.push(invalidValue(`${path}.nonResourceURLs`, urls, 'rules cannot apply to both regular resources and non-resource URLs'));
    return errors;
  }
  if (!apiGroups.length) errors.push(required(`${path}.apiGroups`, 'resource rules must supply at least one api group'));
  if (!resources.length) errors.push(required(`${path}.resources`, 'resource rules must supply at least one resource'));
  return errors;
}
