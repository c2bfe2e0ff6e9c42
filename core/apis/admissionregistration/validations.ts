import { goValue } from '../../kube/go-value.ts';
import type { FieldError } from '../../kube/status.ts';
import { duplicate, invalidValue, invalidValues, notSupported, required } from '../../kube/validation/field.ts';
import { qualifiedName } from '../../kube/validation/names.ts';
import { repeats } from '../../kube/validation/repeats.ts';
import type { AuditAnnotation, ValidatingAdmissionPolicySpec, Validation } from '../../schema/generated/kinds.ts';
import { type Expressions, returns } from './expressions.ts';

const EITHER = 'validations or auditAnnotations must contain at least one item';
const MAX_ANNOTATIONS = 20;

/** What a ValidatingAdmissionPolicy asks, and what it notes for the audit (validateValidation, validateAuditAnnotation). */
export function validateRules(
  { validations = [], auditAnnotations = [] }: ValidatingAdmissionPolicySpec,
  policyName: string | undefined,
  expressions: Expressions,
): FieldError[] {
  const repeated = repeats(auditAnnotations, ({ key }) => key);
  if (!validations.length && !auditAnnotations.length) return [required('spec.validations', EITHER), required('spec.auditAnnotations', EITHER)];
  return [
    ...validations.flatMap((validation, i) => validateValidation(validation, `spec.validations[${i}]`, expressions)),
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
      ...validateAnnotation(annotation, `spec.auditAnnotations[${i}]`, policyName, expressions),
      ...(repeated.has(i) ? [duplicate(`spec.auditAnnotations[${i}].key`, annotation.key)] : []),
    ]),
  ];
}

const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];

function validateValidation({ expression, message, messageExpression, reason }: Validation, path: string, expressions: Expressions): FieldError[] {
  return [
    ...(expression?.trim()
      ? expressions.errors({ expression, field: `${path}.expression`, returns: returns.condition, authorizer: true })
      : [required(`${path}.expression`, 'expression is not specified')]),
    ...blank(messageExpression, `${path}.messageExpression`),
    ...(messageExpression?.trim() ? expressions.errors({ expression: messageExpression, field: `${path}.messageExpression`, returns: returns.message }) : []),
    ...blank(message, `${path}.message`),
    ...(/[\n\r]/.test(message?.trim() ?? '') ? [invalidValue(`${path}.message`, message, 'must not contain line breaks')] : []),
    ...(reason === undefined || REASONS.includes(reason) ? [] : [notSupported(`${path}.reason`, reason, REASONS)]),
  ];
}

const blank = (text: string | undefined, field: string): FieldError[] =>
  text && !text.trim() ? [invalidValue(field, text, 'must be non-empty if specified')] : [];

const MAX_VALUE_EXPRESSION = 5 * 1024;

function validateAnnotation(
  { key = '', valueExpression = '' }: AuditAnnotation,
  path: string,
  policyName: string | undefined,
  expressions: Expressions,
): FieldError[] {
  const field = `${path}.valueExpression`;
  const expression = valueExpression.trim();
  const errors = policyName ? validateAnnotationKey(`${policyName}/${key}`, path) : [invalidValue(`${path}.key`, key, 'requires metadata.name be non-empty')];
  if (!expression) return [...errors, required(field, 'valueExpression is not specified')];
  if (Buffer.byteLength(expression) > MAX_VALUE_EXPRESSION) return [...errors, required(field, `must not exceed ${MAX_VALUE_EXPRESSION} bytes in length`)];
  return [...errors, ...expressions.errors({ expression, field, quoted: valueExpression, returns: returns.auditAnnotation, authorizer: true })];
}

const validateAnnotationKey = (key: string, path: string): FieldError[] => invalidValues(`${path}.key`, key, qualifiedName(key));
