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
      mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: '[JSONPatch{op: "remove", path: "/spec"}]' } }],
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
        'webhooks[0].clientConfig.url: Invalid value: "y=1": query parameters are not permitted in the URL',
      ],
    },
    {
      name: 'are called by any client',
      given: hooks(hook({ clientConfig: { url: 'https://u:p@example.com#f' } })),
      want: [
        'webhooks[0].clientConfig.url: Invalid value: "u:p": user information is not permitted in the URL',
        'webhooks[0].clientConfig.url: Invalid value: "f": fragments are not permitted in the URL',
      ],
    },
    {
      name: 'are called at a host',
      given: hooks(hook({ clientConfig: { url: 'example.com' } })),
      want: [
        'webhooks[0].clientConfig.url: Invalid value: "": \'https\' is the only allowed URL scheme; desired format: https://host[/path]',
        'webhooks[0].clientConfig.url: Invalid value: "": host must be specified; desired format: https://host[/path]',
      ],
    },
    {
      name: 'are called at what is a URL',
      given: hooks(hook({ clientConfig: { url: 'https://example.com:x' } })),
      want: [
        'webhooks[0].clientConfig.url: Required value: url must be a valid URL: parse "https://example.com:x": invalid port ":x" after host; desired format: https://host[/path]',
      ],
    },
    {
      name: 'are called at a service, of which the one part is missed for the other',
      given: hooks(hook({ clientConfig: { service: { name: 's', path: 'rel' } } })),
      want: ['webhooks[0].clientConfig.service.name: Required value', 'webhooks[0].clientConfig.service.path: Invalid value: "rel": must start with a \'/\''],
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
    {
      name: 'have variables of a name',
      given: problems(
        validatingPolicies,
        policy({
          variables: [
            { name: 'for', expression: '1' },
            { name: '', expression: ' ' },
          ],
        }),
      ),
      want: [
        'spec.variables[0].name: Invalid value: "for": must be a valid CEL identifier',
        'spec.variables[1].name: Required value: name is not specified',
        'spec.variables[1].expression: Required value: expression is not specified',
      ],
    },
    {
      name: 'say why in a line',
      given: problems(validatingPolicies, policy({ validations: [{ expression: 'true', message: 'a\nb', messageExpression: ' ', reason: 'Unauthorized' }] })),
      want: [
        'spec.validations[0].messageExpression: Invalid value: " ": must be non-empty if specified',
        'spec.validations[0].message: Invalid value: "a\\nb": must not contain line breaks',
        'spec.validations[0].reason: Unsupported value: "Unauthorized": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"',
      ],
    },
    {
      name: 'note under keys of their own',
      given: problems(
        validatingPolicies,
        policy({
          auditAnnotations: [
            { key: '', valueExpression: 'null' },
            { key: '', valueExpression: 'x'.repeat(5121) },
          ],
        }),
      ).map((text) => text.replace(/ \(e\.g\..*/, '')),
      want: [
        'spec.auditAnnotations[0].key: Invalid value: "x/": name part must be non-empty',
        "spec.auditAnnotations[0].key: Invalid value: \"x/\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
        'spec.auditAnnotations[1].key: Invalid value: "x/": name part must be non-empty',
        "spec.auditAnnotations[1].key: Invalid value: \"x/\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
        'spec.auditAnnotations[1].valueExpression: Required value: must not exceed 5120 bytes in length',
        'spec.auditAnnotations[1].key: Duplicate value: ""',
      ],
    },
    {
      name: 'take parameters of a kind',
      given: problems(validatingPolicies, policy({ paramKind: { apiVersion: 'a/b/c', kind: 'Config.Map' } })).map((text) => text.replace(/ \(e\.g\..*/, '')),
      want: [
        'spec.paramKind.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
        'spec.paramKind.kind: Invalid value: "Config.Map": may have mixed case, but should otherwise match: a DNS-1035 label must consist of lower case alphanumeric characters or \'-\', start with an alphabetic character, and end with an alphanumeric character',
      ],
    },
    {
      name: 'are for objects of names',
      given: problems(validatingPolicies, policy({ matchConstraints: { resourceRules: [{ ...rule, resourceNames: ['a', 'a', 'b/c'] }] } })),
      want: [
        'spec.matchConstraints.resourceRules[0].resourceNames[1]: Duplicate value: "a"',
        'spec.matchConstraints.resourceRules[0].resourceNames[2]: Invalid value: "b/c": may not contain \'/\'',
      ],
    },
    {
      name: 'of mutations cannot change what goes',
      given: problems(mutatingPolicies, mutatingPolicy({ matchConstraints: { resourceRules: [{ ...rule, operations: ['DELETE'] }] } })),
      want: ['spec.matchConstraints.resourceRules.operations: Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"'],
    },
    {
      name: 'of mutations have one patch',
      given: problems(mutatingPolicies, mutatingPolicy({ mutations: [{ patchType: 'JSONPatch', applyConfiguration: { expression: 'x' } }] })),
      want: [
        'spec.mutations[0].jsonPatch: Required value: must be specified when patchType is JSONPatch',
        'spec.mutations[0].applyConfiguration: Invalid value: "{applyConfiguration}": must not be specified when patchType is JSONPatch',
      ],
    },
    {
      name: 'are named as files of the server are',
      given: validatingPolicies.warnings!({ ...policy(), metadata: { name: 'a.static.k8s.io' } }),
      want: ['metadata.name: names ending with ".static.k8s.io" are reserved for static manifest-based configurations and cannot be managed via the API'],
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
