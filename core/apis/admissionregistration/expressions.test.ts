import { describe, expect, it } from 'vitest';
import { texts } from '../../testing/strategies.ts';
import { strategy as mutatingPolicies } from './mutatingadmissionpolicy.ts';
import { strategy as validatingPolicies } from './validatingadmissionpolicy.ts';
import { strategy as validatingWebhooks } from './validatingwebhookconfiguration.ts';

const rule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], scope: '*' };
const base = { apiVersion: 'admissionregistration.k8s.io/v1', metadata: { name: 'x' } };
const shared = { failurePolicy: 'Fail', matchConstraints: { matchPolicy: 'Equivalent', resourceRules: [rule] } };

// biome-ignore lint/suspicious/noExplicitAny: specs as a client sends them
const policy = (spec: object): any => ({ ...base, kind: 'ValidatingAdmissionPolicy', spec: { ...shared, validations: [{ expression: 'true' }], ...spec } });
// biome-ignore lint/suspicious/noExplicitAny: the same
const mutating = (spec: object): any => ({ ...base, kind: 'MutatingAdmissionPolicy', spec: { ...shared, reinvocationPolicy: 'Never', ...spec } });
// biome-ignore lint/suspicious/noExplicitAny: the same
const hooks = (matchConditions: object[]): any => ({
  ...base,
  kind: 'ValidatingWebhookConfiguration',
  webhooks: [
    {
      name: 'a.example.com',
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      clientConfig: { service: { namespace: 'n', name: 's', port: 443 } },
      matchConditions,
    },
  ],
});

const params = { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } };
const undeclared = (name: string, expression = name) =>
  `Invalid value: "${expression}": compilation failed: ERROR: <input>:1:1: undeclared reference to '${name}' (in container '')\n | ${expression}\n | ^`;

const wrong = (expression: string, text: string) => `Invalid value: ${JSON.stringify(expression)}: ${text}`;

describe('the expressions of a ValidatingAdmissionPolicy', () => {
  it.each([
    { name: 'are conditions', given: { validations: [{ expression: 'object.spec.replicas > 1' }] }, want: [] },
    { name: 'are compiled as they are written', given: { validations: [{ expression: ' params' }] }, want: [undeclaredAt(' params', 'params', 2)] },
    { name: 'refer to parameters that there are', given: { ...params, validations: [{ expression: 'params.data.a == "b"' }] }, want: [] },
    {
      name: 'evaluate to bool',
      given: { validations: [{ expression: '[1]' }, { expression: 'object' }, { expression: 'null' }, { expression: 'timestamp("2026-01-01T00:00:00Z")' }] },
      want: [
        `spec.validations[0].expression: ${wrong('[1]', 'must evaluate to bool but got list(int)')}`,
        `spec.validations[1].expression: ${wrong('object', 'must evaluate to bool but got dyn')}`,
        `spec.validations[2].expression: ${wrong('null', 'must evaluate to bool but got null_type')}`,
        `spec.validations[3].expression: ${wrong('timestamp("2026-01-01T00:00:00Z")', 'must evaluate to bool but got google.protobuf.Timestamp')}`,
      ],
    },
    {
      name: 'can be evaluated as far as they are known',
      given: { validations: [{ expression: "'a'.matches('(')" }] },
      want: [
        "spec.validations[0].expression: Invalid value: \"'a'.matches('(')\": compilation failed: ERROR: <input>:1:13: invalid matches argument\n | 'a'.matches('(')\n | ............^",
      ],
    },
    {
      name: 'of messages are texts, and do not ask for permission',
      given: {
        validations: [
          { expression: 'true', messageExpression: '1' },
          { expression: 'true', messageExpression: 'authorizer' },
        ],
      },
      want: [
        `spec.validations[0].messageExpression: ${wrong('1', 'must evaluate to string but got int')}`,
        `spec.validations[1].messageExpression: ${undeclared('authorizer')}`,
      ],
    },
    {
      name: 'of annotations are texts or nothing',
      given: {
        auditAnnotations: [
          { key: 'a', valueExpression: ' 1.5 ' },
          { key: 'b', valueExpression: 'null' },
          { key: 'c', valueExpression: 'request.name' },
        ],
      },
      want: [`spec.auditAnnotations[0].valueExpression: ${wrong(' 1.5 ', 'must evaluate to one of [string null_type] but got double')}`],
    },
    {
      name: 'of variables refer to those before them',
      given: {
        variables: [
          { name: 'a', expression: 'variables.b' },
          { name: 'b', expression: '[size(request.name)]' },
          { name: 'c', expression: 'variables.b[0] + 1' },
          { name: 'd', expression: '1 +' },
        ],
        validations: [{ expression: 'variables.c' }, { expression: 'variables.d' }, { expression: 'variables.c > 1 && variables.a' }],
      },
      want: [
        'spec.variables[0].expression: Invalid value: "variables.b": compilation failed: ERROR: <input>:1:10: undefined field \'b\'\n | variables.b\n | .........^',
        expect.stringMatching(
          /^spec.variables\[3\].expression: Invalid value: "1 \+": compilation failed: ERROR: <input>:1:4: Syntax error: mismatched input '<EOF>'/,
        ),
        `spec.validations[0].expression: ${wrong('variables.c', 'must evaluate to bool but got int')}`,
        `spec.validations[1].expression: ${wrong('variables.d', 'must evaluate to bool but got dyn')}`,
      ],
    },
    {
      name: 'know of variables what plain values, lists and maps are',
      given: {
        variables: [
          { name: 'request', expression: 'request' },
          { name: 'labels', expression: '{"a": [1u]}' },
          { name: 'maybe', expression: 'optional.of(1)' },
        ],
        validations: [{ expression: 'variables.request.nothing' }, { expression: 'variables.labels' }, { expression: 'variables.maybe' }],
      },
      want: [
        `spec.validations[0].expression: ${wrong('variables.request.nothing', 'must evaluate to bool but got dyn')}`,
        `spec.validations[1].expression: ${wrong('variables.labels', 'must evaluate to bool but got map(string, list(uint))')}`,
        `spec.validations[2].expression: ${wrong('variables.maybe', 'must evaluate to bool but got dyn')}`,
      ],
    },
    {
      name: 'have no variables where none are declared',
      given: { validations: [{ expression: 'variables' }] },
      want: [`spec.validations[0].expression: ${undeclared('variables')}`],
    },
    {
      name: 'of its conditions have no variables, and parameters with their kind',
      given: {
        matchConditions: [
          { name: 'a', expression: ' variables ' },
          { name: 'b', expression: 'params' },
        ],
        variables: [{ name: 'a', expression: '1' }],
      },
      want: [`spec.matchConditions[0].expression: ${undeclared('variables')}`, `spec.matchConditions[1].expression: ${undeclared('params')}`],
    },
    {
      name: 'of its conditions evaluate to bool',
      given: {
        ...params,
        matchConditions: [
          { name: 'a', expression: 'params' },
          { name: 'a', expression: 'params.x == 1' },
        ],
      },
      want: [
        `spec.matchConditions[0].expression: ${wrong('params', 'must evaluate to bool but got dyn')}`,
        'spec.matchConditions[1].name: Duplicate value: "a"',
      ],
    },
  ])('$name', ({ given, want }) => expect(problemsOf(given)).toEqual(want));

  it('of conditions are left alone by an update that leaves them and the kind of parameters', () => {
    const conditions = { matchConditions: [{ name: 'a', expression: 'params' }] };
    const problems = (spec: object) => texts(validatingPolicies.validate!(policy({ ...conditions, ...spec }), policy(conditions)));
    expect(problems({ failurePolicy: 'Ignore' })).toEqual([]);
    expect(problems(params)).toEqual([`spec.matchConditions[0].expression: ${wrong('params', 'must evaluate to bool but got dyn')}`]);
  });

  function problemsOf(spec: object): string[] {
    return texts(validatingPolicies.validate!(policy(spec)));
  }
});

function undeclaredAt(expression: string, name: string, column: number): string {
  return `spec.validations[0].expression: Invalid value: "${expression}": compilation failed: ERROR: <input>:1:${column}: undeclared reference to '${name}' (in container '')\n | ${expression}\n | ${'.'.repeat(column - 1)}^`;
}

describe('the expressions of a MutatingAdmissionPolicy', () => {
  const apply = (expression: string) => ({ patchType: 'ApplyConfiguration', applyConfiguration: { expression } });
  const patch = (expression: string) => ({ patchType: 'JSONPatch', jsonPatch: { expression } });
  it.each([
    { name: 'make objects', given: { mutations: [apply('Object{spec: Object.spec{replicas: 1}}')] }, want: [] },
    { name: 'make patches', given: { mutations: [patch('[JSONPatch{op: "remove", path: "/spec/" + jsonpatch.escapeKey("a/b")}]')] }, want: [] },
    {
      name: 'make nothing else',
      given: { mutations: [apply(' {} '), apply('Object.spec{}'), patch('[]'), patch('JSONPatch{}'), patch('true ? [] : [JSONPatch{}]')] },
      want: [
        `spec.mutations[0].applyConfiguration.expression: ${wrong('{}', 'must evaluate to Object but got map(dyn, dyn)')}`,
        `spec.mutations[1].applyConfiguration.expression: ${wrong('Object.spec{}', 'must evaluate to Object but got Object.spec')}`,
        `spec.mutations[2].jsonPatch.expression: ${wrong('[]', 'must evaluate to list(JSONPatch) but got list(dyn)')}`,
        `spec.mutations[3].jsonPatch.expression: ${wrong('JSONPatch{}', 'must evaluate to list(JSONPatch) but got JSONPatch')}`,
      ],
    },
    {
      name: 'have variables, in which nothing is made',
      given: {
        variables: [
          { name: 'a', expression: 'Object{}' },
          { name: 'n', expression: '3' },
        ],
        mutations: [apply('Object{spec: Object.spec{replicas: variables.n}}')],
      },
      want: [
        "spec.variables[0].expression: Invalid value: \"Object{}\": compilation failed: ERROR: <input>:1:7: undeclared reference to 'Object' (in container '')\n | Object{}\n | ......^",
      ],
    },
    {
      name: 'always have variables',
      given: { mutations: [apply('variables')] },
      want: [`spec.mutations[0].applyConfiguration.expression: ${wrong('variables', 'must evaluate to Object but got kubernetes.variables')}`],
    },
  ])('$name', ({ given, want }) => expect(texts(mutatingPolicies.validate!(mutating(given)))).toEqual(want));
});

describe('the conditions of a webhook', () => {
  it('evaluate to bool, and have no parameters', () => {
    expect(
      texts(
        validatingWebhooks.validate!(
          hooks([
            { name: 'a', expression: '"text"' },
            { name: 'b', expression: 'params' },
          ]),
        ),
      ),
    ).toEqual([
      `webhooks[0].matchConditions[0].expression: ${wrong('"text"', 'must evaluate to bool but got string')}`,
      `webhooks[0].matchConditions[1].expression: ${undeclared('params')}`,
    ]);
  });

  it('may ask for permission', () => {
    const expression = "authorizer.group('').resource('pods').check('get').allowed() && authorizer.requestResource.check('get').allowed()";
    expect(texts(validatingWebhooks.validate!(hooks([{ name: 'a', expression }])))).toEqual([]);
  });

  it('are left alone by an update that changes none', () => {
    const before = hooks([{ name: 'a', expression: '1' }]);
    expect(texts(validatingWebhooks.validate!(structuredClone(before), before))).toEqual([]);
    expect(texts(validatingWebhooks.validate!(hooks([{ name: 'a', expression: '2' }]), before))).toHaveLength(1);
  });
});
