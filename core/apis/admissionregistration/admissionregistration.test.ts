import { describe, expect, it } from 'vitest';
import { cell, defaulted, problems } from '../../testing/strategies.ts';
import { strategy as mutatingPolicies } from './mutatingadmissionpolicy.ts';
import { strategy as mutatingBindings } from './mutatingadmissionpolicybinding.ts';
import { strategy as mutatingWebhooks } from './mutatingwebhookconfiguration.ts';
import { strategy as validatingPolicies } from './validatingadmissionpolicy.ts';
import { strategy as validatingBindings } from './validatingadmissionpolicybinding.ts';
import { strategy as validatingWebhooks } from './validatingwebhookconfiguration.ts';

// biome-ignore lint/suspicious/noExplicitAny: one builder for all kinds of the group
const object = (kind: string, rest: object): any => ({ apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name: 'x' }, ...rest });
const rule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] };
const hook = (rest: object = {}) => ({
  name: 'pods.example.com',
  rules: [rule],
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  clientConfig: { service: { namespace: 'n', name: 's' } },
  ...rest,
});
const hooks = (...webhooks: object[]) => object('ValidatingWebhookConfiguration', { webhooks });
const policy = (spec: object = {}) =>
  object('ValidatingAdmissionPolicy', { spec: { matchConstraints: { resourceRules: [rule] }, validations: [{ expression: 'true' }], ...spec } });
const binding = (spec: object = {}) => object('ValidatingAdmissionPolicyBinding', { spec: { policyName: 'p', validationActions: ['Deny'], ...spec } });
const mutatingPolicy = (spec: object = {}) =>
  object('MutatingAdmissionPolicy', {
    spec: {
      matchConstraints: { resourceRules: [rule] },
      mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: '[]' } }],
      reinvocationPolicy: 'Never',
      ...spec,
    },
  });

describe('webhooks', () => {
  it('get their defaults', () => {
    expect(defaulted(mutatingWebhooks, hooks(hook())).webhooks![0]).toMatchObject({
      failurePolicy: 'Fail',
      matchPolicy: 'Equivalent',
      namespaceSelector: {},
      objectSelector: {},
      timeoutSeconds: 10,
      reinvocationPolicy: 'Never',
      rules: [{ ...rule, scope: '*' }],
      clientConfig: { service: { port: 443 } },
    });
  });

  it.each([
    { name: 'are valid', given: hooks(hook()), want: [] },
    {
      name: 'have names of three parts',
      given: hooks(hook({ name: 'example.com' })),
      want: ['webhooks[0].name: Invalid value: "example.com": should be a domain with at least three segments separated by dots'],
    },
    { name: 'have names apart', given: hooks(hook(), hook()), want: ['webhooks[1].name: Duplicate value: "pods.example.com"'] },
    {
      name: 'say what else they do',
      given: hooks(hook({ sideEffects: undefined })),
      want: ['webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun'],
    },
    {
      name: 'are called securely',
      given: hooks(hook({ clientConfig: { url: 'http://example.com/x?y=1' } })),
      want: [
        'webhooks[0].clientConfig.url: Invalid value: "http": \'https\' is the only allowed URL scheme; desired format: https://host[/path]',
        'webhooks[0].clientConfig.url: Invalid value: "y=1": query parameters are not permitted in the URL; desired format: https://host[/path]',
      ],
    },
    {
      name: 'are called in one way',
      given: hooks(hook({ clientConfig: {} })),
      want: ['webhooks[0].clientConfig: Required value: exactly one of url or service is required'],
    },
    {
      name: 'answer soon',
      given: hooks(hook({ timeoutSeconds: 31 })),
      want: ['webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds'],
    },
    {
      name: 'match without repeating',
      given: hooks(hook({ rules: [{ ...rule, operations: ['*', 'CREATE'], resources: ['pods/*', 'pods/log'] }] })),
      want: [
        'webhooks[0].rules[0].operations: Invalid value: ["*","CREATE"]: if \'*\' is present, must not specify other operations',
        'webhooks[0].rules[0].resources[1]: Invalid value: "pods/log": if \'pods/*\' is present, must not specify pods/log',
      ],
    },
    {
      name: 'speak a known version',
      given: hooks(hook({ admissionReviewVersions: ['v2'] })),
      want: ['webhooks[0].admissionReviewVersions: Invalid value: ["v2"]: must include at least one of v1, v1beta1'],
    },
  ])('$name', ({ given, want }) => expect(problems(validatingWebhooks, given)).toEqual(want));
});

describe('admission policies', () => {
  const either = 'Required value: validations or auditAnnotations must contain at least one item';
  it.each([
    { name: 'are valid', given: problems(validatingPolicies, policy()), want: [] },
    { name: 'match something', given: problems(validatingPolicies, policy({ matchConstraints: undefined })), want: ['spec.matchConstraints: Required value'] },
    {
      name: 'check something',
      given: problems(validatingPolicies, policy({ validations: [] })),
      want: [`spec.validations: ${either}`, `spec.auditAnnotations: ${either}`],
    },
    { name: 'of mutations are valid', given: problems(mutatingPolicies, mutatingPolicy()), want: [] },
    {
      name: 'of mutations describe the patch that they name',
      given: problems(mutatingPolicies, mutatingPolicy({ mutations: [{ patchType: 'ApplyConfiguration' }] })),
      want: ['spec.mutations[0].applyConfiguration: Required value: must be specified when patchType is ApplyConfiguration'],
    },
    { name: 'are bound', given: problems(validatingBindings, binding()), want: [] },
    {
      name: 'are bound with actions',
      given: problems(validatingBindings, binding({ validationActions: ['Deny', 'Warn', 'Shout'] })),
      want: [
        'spec.validationActions[2]: Unsupported value: "Shout": supported values: "Audit", "Deny", "Warn"',
        'spec.validationActions: Invalid value: ["Deny","Warn","Shout"]: must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
      ],
    },
    {
      name: 'take parameters by name or selector',
      given: problems(mutatingBindings, object('MutatingAdmissionPolicyBinding', { spec: { policyName: 'p', paramRef: { parameterNotFoundAction: 'Deny' } } })),
      want: ['spec.paramRef: Required value: one of name or selector must be specified'],
    },
  ])('$name', ({ given, want }) => expect(given).toEqual(want));

  it('print their parameters', () => {
    expect(cell(validatingPolicies, policy({ paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } }), 'ParamKind')).toBe('v1/ConfigMap');
    expect(cell(validatingBindings, binding({ paramRef: { name: 'c' } }), 'ParamRef')).toBe('*/c');
    expect(cell(validatingBindings, binding(), 'ParamRef')).toBe('<unset>');
  });
});
