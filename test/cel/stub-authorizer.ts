import type { AccessDecision, AccessedResource, AccessQuestion } from '../../core/cel/libraries/authorizer.ts';
import { type LabelRequirements, parseLabelSelector } from '../../core/kube/selectors.ts';
import { StatusError } from '../../core/kube/status.ts';
import type { User } from '../../core/kube/user.ts';

export const alice: User = { username: 'alice', groups: ['developers'] };

/** The authorizer of the recordings (scripts/cel-goldens/authorizer.go): its reason says all that it was asked. */
export function stubAuthorize({ user, verb, of }: AccessQuestion): AccessDecision {
  const asked = 'path' in of ? [of.path] : [...resource(of)];
  const reason = [user.username, verb, ...asked].join(', ');
  return { allowed: verb === 'get' || verb === 'list', reason, ...(verb === 'fail' && { error: 'the authorizer is out of order' }) };
}

function* resource({ group, resource, subresource, namespace, name, fieldSelector, labelSelector }: AccessedResource): Generator<string> {
  yield `${group}/*/${resource}/${subresource} in ${namespace} named ${name}`;
  for (const requirement of fieldSelector ? fieldSelector.split(',') : []) {
    yield requirement.includes('=') ? `field ${requirement}` : `field selector: invalid selector: '${requirement}'; can't understand '${requirement}'`;
  }
  if (labelSelector) yield* labels(labelSelector);
}

function labels(text: string): string[] {
  try {
    return parseLabelSelector(text).map((requirement) => `label ${requirementText(requirement)}`);
  } catch (error) {
    if (error instanceof StatusError) return [`label selector: ${error.message}`];
    throw error;
  }
}

function requirementText({ key, operator, values }: LabelRequirements[number]): string {
  if (operator === 'in' || operator === 'notin') return `${key} ${operator} (${values.join(',')})`;
  return operator === '!' ? `!${key}` : operator === 'exists' ? key : `${key}${operator}${values[0]}`;
}
