import type { FieldError } from '../../kube/status.ts';
import { duplicate, invalidValue, notSupported, required, tooMany } from '../../kube/validation/field.ts';
import { repeats } from '../../kube/validation/repeats.ts';
import type { Container, ContainerResizePolicy } from '../../schema/generated/kinds.ts';

/** What a container does when it ends or gets other resources. */

const policies: readonly string[] = ['Always', 'Never', 'OnFailure'];
const actions: readonly string[] = ['Restart', 'RestartAllContainers'];
const operators: readonly string[] = ['In', 'NotIn'];
const MAX_RULES = 20;
const MAX_EXIT_CODES = 255;

/** Checks a restart policy of a container's own (validateContainerRestartPolicy); `path` is that of the container. */
export function validateRestartPolicy({ restartPolicy, restartPolicyRules: rules = [] }: Container, path: string): FieldError[] {
  if (restartPolicy === undefined && !rules.length) return [];
  const at = `${path}.restartPolicyRules`;
  return [
    ...(restartPolicy === undefined ? [required(`${path}.restartPolicy`, 'must specify restartPolicy when restart rules are used')] : []),
    ...(restartPolicy === undefined || policies.includes(restartPolicy) ? [] : [notSupported(`${path}.restartPolicy`, restartPolicy, policies)]),
    ...(rules.length > MAX_RULES ? [tooMany(at, rules.length, MAX_RULES)] : []),
    ...rules.flatMap(({ action = '', exitCodes }, i) => [
      ...(actions.includes(action) ? [] : [notSupported(`${at}[${i}].action`, action, actions)]),
      ...(exitCodes ? validateExitCodes(exitCodes, `${at}[${i}].exitCodes`) : [required(`${at}[${i}].exitCodes`, 'must be specified')]),
    ]),
  ];
}

function validateExitCodes({ operator = '', values = [] }: { operator?: string; values?: number[] }, path: string): FieldError[] {
  return [
    ...(operators.includes(operator) ? [] : [notSupported(`${path}.operator`, operator, operators)]),
    ...(values.length > MAX_EXIT_CODES ? [tooMany(`${path}.values`, values.length, MAX_EXIT_CODES)] : []),
  ];
}

const resizable: readonly string[] = ['cpu', 'memory'];
const resizes: readonly string[] = ['NotRequired', 'RestartContainer'];

/** Checks what a container does when its resources change (validateResizePolicy). Most errors have the path of the list, as in Kubernetes. */
export function validateResizePolicy(list: readonly ContainerResizePolicy[], podRestartPolicy: string | undefined, path: string): FieldError[] {
  const repeated = repeats(list, ({ resourceName }) => resourceName);
  const known = (value: string, valid: readonly string[]) => {
    if (!value) return [required(path)];
    return valid.includes(value) ? [] : [notSupported(path, value, valid)];
  };
  return list.flatMap(({ resourceName = '', restartPolicy = '' }, i) => [
    ...(repeated.has(i) ? [duplicate(`${path}[${i}]`, resourceName)] : []),
    ...known(resourceName, resizable),
    ...known(restartPolicy, resizes),
    ...(podRestartPolicy === 'Never' && restartPolicy !== 'NotRequired'
      ? [invalidValue(path, restartPolicy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'")]
      : []),
  ]);
}
