import type { FieldError } from '../../../../kube/status.ts';
import { invalidValue, notSupported, required } from '../../../../kube/validation/field.ts';
import type { JSONSchemaProps, ValidationRule } from '../../../../schema/generated/kinds.ts';
import { fieldAtPath } from './field-path.ts';
import { notStructural } from './not-structural.ts';

const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];

const hasLineBreak = (text: string) => /[\n\r]/.test(text);

/** What `x-kubernetes-validations` may say besides expressions (Kubernetes documentation, "Validation rules"). */
export const ruleErrors = (schema: JSONSchemaProps, path: string): FieldError[] =>
  (schema['x-kubernetes-validations'] ?? []).flatMap((rule, i) => {
    const at = `${path}.x-kubernetes-validations[${i}]`;
    return [...messageErrors(rule, at), ...reasonErrors(rule, at), ...fieldPathErrors(rule, schema, `${at}.fieldPath`)];
  });

function messageErrors({ rule = '', message = '', messageExpression = '' }: ValidationRule, path: string): FieldError[] {
  const text = message.trim();
  const errors: FieldError[] = [];
  if (rule.trim() === '') errors.push(required(`${path}.rule`, 'rule is not specified'));
  else if (message !== '' && text === '') errors.push(invalidValue(`${path}.message`, message, 'must be non-empty if specified'));
  else if (hasLineBreak(text)) errors.push(invalidValue(`${path}.message`, message, 'must not contain line breaks'));
  else if (hasLineBreak(rule.trim()) && text === '') errors.push(required(`${path}.message`, 'message must be specified if rule contains line breaks'));
  if (messageExpression !== '' && messageExpression.trim() === '')
    errors.push(required(`${path}.messageExpression`, 'messageExpression must be non-empty if specified'));
  return errors;
}

const reasonErrors = ({ reason }: ValidationRule, path: string): FieldError[] =>
  reason === undefined || REASONS.includes(reason) ? [] : [notSupported(`${path}.reason`, reason, REASONS)];

function fieldPathErrors({ fieldPath = '' }: ValidationRule, schema: JSONSchemaProps, path: string): FieldError[] {
  if (fieldPath === '') return [];
  const isValid = notStructural(schema) !== undefined || 'schema' in fieldAtPath(fieldPath, schema);
  return [
    ...(fieldPath.trim() === '' ? [invalidValue(path, fieldPath, 'must be non-empty if specified')] : []),
    ...(hasLineBreak(fieldPath) ? [invalidValue(path, fieldPath, 'must not contain line breaks')] : []),
    ...(isValid ? [] : [invalidValue(path, fieldPath, 'must be a valid path')]),
  ];
}
