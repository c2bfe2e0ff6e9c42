import { goValue } from '../../kube/go-value.ts';
import type { FieldError } from '../../kube/status.ts';
import { duplicate, invalidValue, invalidValues, notSupported, required } from '../../kube/validation/field.ts';
import { qualifiedName } from '../../kube/validation/names.ts';
import { repeats } from '../../kube/validation/repeats.ts';
import type { AuditAnnotation, ValidatingAdmissionPolicySpec, Validation } from '../../schema/generated/kinds.ts';

const EITHER = 'validations or auditAnnotations must contain at least one item';
const MAX_ANNOTATIONS = 20;

/**
 * What a ValidatingAdmissionPolicy asks, and what it notes for the audit (validateValidation, validateAuditAnnotation). Expressions are not compiled: the errors of
 * that come in the place of those of a missing expression.
 */
export function validateRules({ validations = [], auditAnnotations = [] }: ValidatingAdmissionPolicySpec, policyName: string): FieldError[] {
  const repeated = repeats(auditAnnotations, ({ key }) => key);
  if (!validations.length && !auditAnnotations.length) return [required('spec.validations', EITHER), required('spec.auditAnnotations', EITHER)];
  return [
    ...validations.flatMap((validation, i) => validateValidation(validation, `spec.validations[${i}]`)),
    ...(auditAnnotations.length > MAX_ANNOTATIONS
      ? [
          invalidValue(
            'spec.auditAnnotations',
            goValue('[]admissionregistration.AuditAnnotation', auditAnnotations),
            `must not have more than ${MAX_ANNOTATIONS} auditAnnotations`,
          ),
        ]
      : []),
    ...auditAnnotations.flatMap((annotation, i) => [
      ...validateAnnotation(annotation, `spec.auditAnnotations[${i}]`, policyName),
      ...(repeated.has(i) ? [duplicate(`spec.auditAnnotations[${i}].key`, annotation.key)] : []),
    ]),
  ];
}

const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];

function validateValidation({ expression, message, messageExpression, reason }: Validation, path: string): FieldError[] {
  return [
    ...(expression?.trim() ? [] : [required(`${path}.expression`, 'expression is not specified')]),
    ...blank(messageExpression, `${path}.messageExpression`),
    ...blank(message, `${path}.message`),
    ...(/[\n\r]/.test(message?.trim() ?? '') ? [invalidValue(`${path}.message`, message, 'must not contain line breaks')] : []),
    ...(reason === undefined || REASONS.includes(reason) ? [] : [notSupported(`${path}.reason`, reason, REASONS)]),
  ];
}

const blank = (text: string | undefined, field: string): FieldError[] =>
  text && !text.trim() ? [invalidValue(field, text, 'must be non-empty if specified')] : [];

const MAX_VALUE_EXPRESSION = 5 * 1024;

function validateAnnotation({ key = '', valueExpression = '' }: AuditAnnotation, path: string, policyName: string): FieldError[] {
  const ofPolicy = `${policyName}/${key}`;
  const expression = valueExpression.trim();
  const errors = invalidValues(`${path}.key`, ofPolicy, qualifiedName(ofPolicy));
  if (!expression) return [...errors, required(`${path}.valueExpression`, 'valueExpression is not specified')];
  if (Buffer.byteLength(expression) <= MAX_VALUE_EXPRESSION) return errors;
  return [...errors, required(`${path}.valueExpression`, `must not exceed ${MAX_VALUE_EXPRESSION} bytes in length`)];
}
