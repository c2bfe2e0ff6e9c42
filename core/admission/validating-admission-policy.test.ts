import { describe, expect, it } from 'vitest';
import type { Mutation } from '../apis/mutation.ts';
import { update } from '../apis/mutation.ts';
import type { Fields } from '../kube/fields.ts';
import { objectOf } from '../kube/fields.ts';
import type { GroupResource, KubeObject } from '../kube/object.ts';
import { userNamed } from '../kube/user.ts';
import { configMap, deployment, kept, namespace, pod, stateWith } from '../testing/decisions.ts';
import { admitted, applying, bindingOf, connected, mutating, rules, validating } from '../testing/policies.ts';
import { testServer } from '../testing/server.ts';

/** What comes of creating a ConfigMap of these data where these objects are. */
const create = (there: readonly KubeObject[], data: Fields = { n: '5' }, metadata: Partial<KubeObject['metadata']> = {}) =>
  admitted(stateWith(...there), { type: 'create', resource: 'configmaps', object: configMap(metadata, { data }) });

const creation = (resource: GroupResource, object: KubeObject): Mutation => ({ type: 'create', resource, object });

/** Why it is refused, without the names of policy and binding; undefined: it is not. */
const why = ({ refused }: ReturnType<typeof admitted>) =>
  refused?.message?.replace(/^.* is forbidden: ValidatingAdmissionPolicy '[^']*'( with binding '[^']*')? denied request: /, '');

const validation = (expression: string, more: Fields = {}): Fields => ({ validations: [{ expression, ...more }] });

describe('A request that a policy finds wrong', () => {
  it('is refused as Invalid, in the words of the policy', () => {
    expect(create(validating('p', validation("object.data.n == '6'")))).toEqual({
      refused: {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: `configmaps "a" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'p' denied request: failed expression: object.data.n == '6'`,
        reason: 'Invalid',
        details: {
          name: 'a',
          kind: 'configmaps',
          causes: [{ message: `ValidatingAdmissionPolicy 'p' with binding 'p' denied request: failed expression: object.data.n == '6'` }],
        },
        code: 422,
      },
      warnings: [],
      audited: {},
    });
  });

  it.each([
    { reason: undefined, code: 422 },
    { reason: 'Forbidden', code: 403 },
    { reason: 'RequestEntityTooLarge', code: 413 },
    { reason: 'Invalid', code: 422 },
  ])('is refused with the code of its reason: $reason', ({ reason, code }) => {
    const { refused } = create(validating('p', validation('false', { reason })));
    expect({ code: refused!.code, reason: refused!.reason }).toEqual({ code, reason: reason ?? 'Invalid' });
  });

  it.each<{ name: string; given: Fields; want: string }>([
    { name: 'the message', given: { message: ' not so ' }, want: 'not so' },
    { name: 'what an expression makes of it', given: { messageExpression: "'n is ' + object.data.n", message: 'no' }, want: 'n is 5' },
    { name: 'the message where the expression fails', given: { messageExpression: 'object.data.none', message: 'plain' }, want: 'plain' },
    { name: 'the message where the expression says nothing', given: { messageExpression: "'  '", message: 'plain' }, want: 'plain' },
    { name: 'the message where the expression says several lines', given: { messageExpression: "'a\\nb'", message: 'plain' }, want: 'plain' },
    {
      name: 'the message where the expression says too much',
      given: { messageExpression: "lists.range(6).map(i, 'x'.replace('x', 'yyyyyyyyyy').replace('y', object.data.long)).join('')", message: 'plain' },
      want: 'plain',
    },
    { name: 'the expression, where nothing else is said', given: {}, want: 'failed expression: false' },
  ])('is refused with $name', ({ given, want }) => {
    expect(why(create(validating('p', validation('false', given)), { n: '5', long: 'z'.repeat(100) }))).toBe(want);
  });

  it('is refused for the first of them, the policies and bindings in the order of their names', () => {
    const two = { validations: [{ expression: 'true' }, { expression: 'false', message: 'one' }, { expression: 'false', message: 'two' }] };
    expect(why(create(validating('p', two)))).toBe('one');
    const there = [...validating('b', validation('false')), ...validating('a', validation('false')), bindingOf('a', {}, '0')];
    expect(create(there).refused!.message).toMatch(/'a' with binding '0'/);
  });

  it('comes in with a warning, or with a note for the audit, where the binding says that', () => {
    const spec = validation("object.data.n == '<6>'", { message: 'take <care>' });
    expect(create(validating('p', spec, { validationActions: ['Warn'] }))).toMatchObject({
      object: { data: { n: '5' } },
      warnings: ["Validation failed for ValidatingAdmissionPolicy 'p' with binding 'p': take <care>"],
      audited: {},
    });
    expect(create(validating('p', spec, { validationActions: ['Audit', 'Warn'] }))).toMatchObject({
      object: { data: { n: '5' } },
      warnings: ["Validation failed for ValidatingAdmissionPolicy 'p' with binding 'p': take <care>"],
      audited: {
        'validation.policy.admission.k8s.io/validation_failure':
          '[{"message":"take \\u003ccare\\u003e","policy":"p","binding":"p","expressionIndex":0,"validationActions":["Audit","Warn"]}]',
      },
    });
  });

  it('is refused with all that was found before it was', () => {
    const there = [...validating('a', validation('false'), { validationActions: ['Warn'] }), ...validating('b', validation('false'))];
    expect(create(there)).toMatchObject({ refused: { code: 422 }, warnings: [expect.stringMatching(/'a'/)] });
  });
});

describe('What goes wrong in an expression', () => {
  const broken = [{ expression: 'object.data.none.x' }, { expression: 'false', message: 'second' }];
  it('refuses the request, or, where it is ignored, says nothing of it', () => {
    expect(why(create(validating('p', { validations: broken })))).toBe("expression 'object.data.none.x' resulted in error: no such key: none");
    expect(why(create(validating('p', { validations: broken, failurePolicy: 'Ignore' })))).toBe('second');
  });

  const dear = "authorizer.group('').resource('secrets').check('get').allowed()";
  it('refuses it, where it costs too much: alone, with others, in variables', () => {
    const overLimit = [dear, dear, dear].join(' && ');
    expect(why(create(validating('p', validation(overLimit))))).toBe(
      `expression '${overLimit}' resulted in error: operation cancelled: actual cost limit exceeded`,
    );
    const overBudget = { validations: new Array(29).fill({ expression: dear }) };
    const want = 'validation failed due to running out of cost budget, no further validation rules will be run';
    expect(why(create(validating('p', overBudget)))).toBe(want);
    expect(why(create(validating('p', { validations: overBudget.validations.slice(1) })))).toBeUndefined();
    const variables = Array.from({ length: 29 }, (_, i) => ({ name: `v${i}`, expression: dear }));
    expect(why(create(validating('p', { variables, ...validation(variables.map(({ name }) => `variables.${name}`).join(' && ')) })))).toBe(want);
    expect(create(validating('p', { ...overBudget, failurePolicy: 'Ignore' })).refused).toBeUndefined();
  });

  it('refuses it too, where what is left does not do for a message', () => {
    const validations = [...new Array(28).fill({ expression: dear }), { expression: 'false', messageExpression: '[1, 2, 3].map(i, string(i)).join()' }];
    const dearer = { expression: `[${new Array(40_000).fill('1').join(',')}].all(i, i == 1)` };
    expect(why(create(validating('p', { validations: [...validations, dearer] })))).toMatch(
      /^(failed messageExpression: )?validation failed due to running out/,
    );
  });

  it('of a condition refuses it, or passes the policy over', () => {
    const conditions = { matchConditions: [{ name: 'c', expression: 'object.none' }], ...validation('false') };
    expect(why(create(validating('p', conditions)))).toBe("expression 'object.none' resulted in error: no such key: none");
    expect(create(validating('p', { ...conditions, failurePolicy: 'Ignore' })).refused).toBeUndefined();
    const two = {
      matchConditions: [
        { name: 'c', expression: 'object.none' },
        { name: 'd', expression: 'false' },
      ],
      ...validation('false'),
    };
    expect(create(validating('p', two)).refused).toBeUndefined();
  });
});

describe('An expression is shown', () => {
  it.each([
    { name: 'variables, each of which may use those before it', given: 'variables.twice == 10 && variables.big' },
    { name: 'the namespace', given: "namespaceObject.metadata.labels.team == 'red' && namespaceObject.metadata.name == request.namespace" },
    { name: 'nothing else of the namespace', given: '!has(dyn(namespaceObject).kind)' },
    { name: 'no parameters, where there are none', given: 'oldObject == null' },
    { name: 'what the user may do', given: "authorizer.group('').resource('secrets').namespace('default').check('get').allowed()" },
    { name: 'what an account may do', given: "!authorizer.serviceAccount('default', 'x').group('').resource('secrets').check('get').allowed()" },
    { name: 'what the user may do with what is asked for', given: "authorizer.requestResource.check('create').allowed()" },
    { name: 'the request', given: "request.operation == 'CREATE' && request.kind.kind == 'ConfigMap' && request.userInfo.username == 'admin'" },
  ])('$name', ({ given }) => {
    const variables = [
      { name: 'n', expression: 'int(object.data.n)' },
      { name: 'twice', expression: 'variables.n * 2' },
      { name: 'big', expression: 'variables.twice > variables.n' },
    ];
    const there = [kept(namespace('default', { labels: { team: 'red' }, ownerReferences: [] })), ...validating('p', { variables, ...validation(given) })];
    expect(why(create(there))).toBeUndefined();
    expect(why(create([there[0]!, ...validating('p', { variables, ...validation(`!(${given})`) })]))).toMatch(/^failed expression/);
  });

  it('a user who is no administrator', () => {
    const may = validation("authorizer.group('').resource('secrets').check('get').allowed()", { message: 'may not' });
    const mutation = creation('configmaps', configMap());
    expect(why(admitted(stateWith(...validating('p', may)), mutation, { actor: userNamed('someone') }))).toBe('may not');
  });

  it('of an update what was, of a deletion only that', () => {
    const old = kept(configMap({}, { data: { n: '5' } }));
    const never = validating('p', validation('oldObject == null || object == null || int(object.data.n) >= int(oldObject.data.n)', { message: 'never less' }));
    const to = (n: string) => admitted(stateWith(old, ...never), update('configmaps', { ...old, data: { n } }));
    expect([to('4'), to('6')].map(why)).toEqual(['never less', undefined]);
    const held = validating('p', validation("request.operation != 'DELETE' || (object == null && oldObject.data.n != '5')", { message: 'held' }));
    expect(why(admitted(stateWith(old, ...held), { type: 'delete', resource: 'configmaps', namespace: 'default', name: 'a' }))).toBe('held');
  });
});

describe('Parameters', () => {
  const limit = (name: string, max: string, metadata: Partial<KubeObject['metadata']> = {}) => kept(configMap({ name, ...metadata }, { data: { max } }));
  const spec = {
    paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
    ...validation('params == null || int(object.data.n) <= int(params.data.max)', { messageExpression: "'at most ' + params.data.max" }),
  };
  const bound = (paramRef: Fields) => validating('p', spec, { paramRef: { parameterNotFoundAction: 'Deny', ...paramRef } });

  it.each<{ name: string; given: KubeObject[]; want?: string }>([
    { name: 'of the namespace of the request', given: [limit('l', '3'), ...bound({ name: 'l' })], want: 'at most 3' },
    { name: 'that are kept', given: [limit('l', '5'), ...bound({ name: 'l' })] },
    {
      name: 'of a namespace that is named',
      given: [limit('l', '9'), limit('l', '3', { namespace: 'x' }), ...bound({ name: 'l', namespace: 'x' })],
      want: 'at most 3',
    },
    {
      name: 'of which several are selected: each is asked',
      given: [
        limit('k', '9', { labels: { a: 'b' } }),
        limit('l', '3', { labels: { a: 'b' } }),
        limit('m', '1'),
        ...bound({ selector: { matchLabels: { a: 'b' } } }),
      ],
      want: 'at most 3',
    },
    {
      name: 'that are not there',
      given: bound({ name: 'l' }),
      want: 'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction',
    },
    { name: 'that are not there and need not be', given: bound({ name: 'l', parameterNotFoundAction: 'Allow' }) },
    {
      name: 'none of which are selected',
      given: bound({ selector: { matchLabels: { a: 'b' } } }),
      want: 'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction',
    },
    { name: 'that the binding does not name', given: validating('p', spec) },
    { name: 'that the policy does not take', given: validating('p', validation('true'), { paramRef: { name: 'l', parameterNotFoundAction: 'Deny' } }) },
    {
      name: 'of a kind that is not there',
      given: validating(
        'p',
        { ...spec, paramKind: { apiVersion: 'example.com/v1', kind: 'Limit' } },
        { paramRef: { name: 'l', parameterNotFoundAction: 'Deny' } },
      ),
      want: "failed to configure policy: failed to find resource referenced by paramKind: 'example.com/v1, Kind=Limit'",
    },
    {
      name: 'of a kind that is in no namespace',
      given: validating(
        'p',
        { paramKind: { apiVersion: 'v1', kind: 'Namespace' }, ...validation("params.metadata.name == 'x'", { message: 'another' }) },
        { paramRef: { name: 'default', parameterNotFoundAction: 'Deny' } },
      ),
      want: 'another',
    },
    {
      name: 'of a kind that is in no namespace, by one',
      given: validating(
        'p',
        { paramKind: { apiVersion: 'v1', kind: 'Namespace' }, ...validation('true') },
        { paramRef: { name: 'default', namespace: 'default', parameterNotFoundAction: 'Deny' } },
      ),
      want: 'failed to configure binding: paramRef.namespace must not be provided for a cluster-scoped `paramKind`',
    },
  ])('$name', ({ given, want }) => {
    expect(why(create(given))).toBe(want);
  });

  it('in a namespace are none of what is in none', () => {
    const there = validating('p', { ...spec, matchConstraints: rules('nodes') }, { paramRef: { name: 'l', parameterNotFoundAction: 'Deny' } });
    const node = objectOf({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } });
    expect(why(admitted(stateWith(...there), creation('nodes', node)))).toBe(
      'failed to configure binding: cannot use namespaced paramRef in policy binding that matches cluster-scoped resources',
    );
  });

  it('that are not there do not matter to a policy that ignores what goes wrong', () => {
    const there = validating('p', { ...spec, failurePolicy: 'Ignore' }, { paramRef: { name: 'l', parameterNotFoundAction: 'Deny' } });
    expect(create(there).refused).toBeUndefined();
  });

  it('are shown in the version that the policy names', () => {
    const scaler = kept(
      objectOf({
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { name: 'h', namespace: 'default' },
        spec: {
          scaleTargetRef: { kind: 'Deployment', name: 'd' },
          maxReplicas: 3,
          metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } }],
        },
      }),
    );
    const policy = (apiVersion: string, expression: string) =>
      validating(
        'p',
        { paramKind: { apiVersion, kind: 'HorizontalPodAutoscaler' }, ...validation(expression) },
        { paramRef: { name: 'h', parameterNotFoundAction: 'Deny' } },
      );
    expect(why(create([scaler, ...policy('autoscaling/v1', 'params.spec.targetCPUUtilizationPercentage == 70')]))).toBeUndefined();
    expect(why(create([scaler, ...policy('autoscaling/v2', 'params.spec.metrics[0].resource.target.averageUtilization == 70')]))).toBeUndefined();
  });
});

describe('Annotations for the audit', () => {
  const limits = [kept(configMap({ name: 'k' }, { data: { max: '1' } })), kept(configMap({ name: 'l' }, { data: { max: '2' } }))];
  const annotated = (valueExpression: string, more: Fields = {}) => ({ auditAnnotations: [{ key: 'k', valueExpression }], ...more });

  it('are what expressions say, but for null and blanks', () => {
    expect(create(validating('p', annotated("'n is ' + object.data.n"))).audited).toEqual({ 'p/k': 'n is 5' });
    expect(create(validating('p', annotated('null'))).audited).toEqual({});
    expect(create(validating('p', annotated("'  '"))).audited).toEqual({});
  });

  it('of several parameters stand together, each once', () => {
    const paramKind = { apiVersion: 'v1', kind: 'ConfigMap' };
    const paramRef = { selector: {}, parameterNotFoundAction: 'Deny' };
    expect(create([...limits, ...validating('p', annotated('params.data.max', { paramKind }), { paramRef })]).audited).toEqual({ 'p/k': '1, 2' });
    expect(create([...limits, ...validating('p', annotated("'x'", { paramKind }), { paramRef })]).audited).toEqual({ 'p/k': 'x' });
  });

  it('are cut to what an audit takes', () => {
    const { audited } = create(validating('p', annotated('object.data.n')), { n: 'x'.repeat(20_000) });
    expect(audited['p/k']).toHaveLength(10 * 1024);
  });

  it('that fail refuse the request, or are left out', () => {
    expect(why(create(validating('p', annotated('object.data.none'))))).toBe("expression 'object.data.none' resulted in error: no such key: none");
    expect(create(validating('p', annotated('object.data.none', { failurePolicy: 'Ignore' })))).toMatchObject({ object: {}, audited: {} });
  });

  it('are told of a request that is refused too', () => {
    expect(create(validating('p', annotated("'x'", validation('false'))))).toMatchObject({ refused: { code: 422 }, audited: { 'p/k': 'x' } });
  });
});

describe('A policy holds', () => {
  const no = validation('false', { message: 'no' });

  it('where a binding says, of which each narrows it down', () => {
    const [policy] = validating('p', no) as [KubeObject];
    expect(why(create([policy]))).toBeUndefined();
    const elsewhere = { matchResources: { namespaceSelector: { matchLabels: { team: 'red' } } } };
    expect(why(create([policy, bindingOf('p', elsewhere)]))).toBeUndefined();
    expect(why(create([kept(namespace('default', { labels: { team: 'red' } })), policy, bindingOf('p', elsewhere)]))).toBe('no');
    expect(why(create([policy, bindingOf('p', elsewhere, 'x'), bindingOf('p')]))).toBe('no');
    expect(why(create([policy, bindingOf('q')]))).toBeUndefined();
  });

  it('not of policies and their bindings', () => {
    const all = validating('p', { ...no, matchConstraints: rules('*', '*/*') });
    const [policy, binding] = validating('q', no) as [KubeObject, KubeObject];
    const of = (resource: GroupResource, object: KubeObject) => why(admitted(stateWith(...all), creation(`${resource}.admissionregistration.k8s.io`, object)));
    expect(of('validatingadmissionpolicies', policy)).toBeUndefined();
    expect(of('validatingadmissionpolicybindings', binding)).toBeUndefined();
    expect(why(admitted(stateWith(...all), creation('configmaps', configMap())))).toBe('no');
  });

  it.each<{ name: string; resource: string; mutation: Mutation }>([
    { name: 'the status', resource: 'pods/status', mutation: update('pods', kept(pod({}, { serviceAccountName: 'default' }, { phase: 'Running' })), 'status') },
    {
      name: 'ephemeral containers',
      resource: 'pods/ephemeralcontainers',
      mutation: update('pods', kept(pod({}, { serviceAccountName: 'default', ephemeralContainers: [{ name: 'd', image: 'i' }] })), 'ephemeralcontainers'),
    },
    { name: 'a binding', resource: 'pods/binding', mutation: { type: 'bind', resource: 'pods', namespace: 'default', name: 'a', node: 'n' } },
    {
      name: 'an eviction',
      resource: 'pods/eviction',
      mutation: {
        type: 'delete',
        resource: 'pods',
        namespace: 'default',
        name: 'a',
        eviction: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'a', namespace: 'default' } },
      },
    },
  ])('of $name, where it names that alone', ({ resource, mutation }) => {
    const there = [kept(pod({}, { serviceAccountName: 'default' }))];
    expect(why(admitted(stateWith(...there, ...validating('p', { ...no, matchConstraints: rules(resource) })), mutation))).toBe('no');
    expect(why(admitted(stateWith(...there, ...validating('p', { ...no, matchConstraints: rules('pods') })), mutation))).toBeUndefined();
  });

  it('of a scale, which is what it sees', () => {
    const old = kept(deployment());
    const few = validation('object.spec.replicas <= 3 && oldObject.spec.replicas == 1', { messageExpression: "request.kind.kind + ' of at most 3'" });
    const there = validating('p', { ...few, matchConstraints: rules('deployments/scale') });
    const to = (replicas: number) =>
      admitted(stateWith(old, ...there), { ...update('deployments.apps', { ...old, spec: { ...old.spec!, replicas } }), scaled: true });
    expect([to(9), to(2)].map(why)).toEqual(['Scale of at most 3', undefined]);
  });

  it.each<{ subresource: string; query: string; given: string; kind: string }>([
    {
      subresource: 'exec',
      query: 'command=sh&command=-c&stdin=true&tty=false&container=c',
      given: "object.command == ['sh', '-c'] && object.stdin && !has(object.tty) && object.container == 'c' && oldObject == null && request.options == null",
      kind: 'PodExecOptions',
    },
    { subresource: 'attach', query: 'stdout=1', given: 'object.stdout && !has(object.container)', kind: 'PodAttachOptions' },
    { subresource: 'portforward', query: 'ports=80&ports=443', given: 'object.ports == [80, 443]', kind: 'PodPortForwardOptions' },
    { subresource: 'proxy', query: 'path=/x', given: "object.path == '/x'", kind: 'PodProxyOptions' },
  ])('of a connection, whose query is what it sees: $subresource', ({ subresource, query, given, kind }) => {
    const ask = (expression: string) => {
      const policy = { ...validation(expression, { messageExpression: 'request.kind.kind' }), matchConstraints: rules(`pods/${subresource}`) };
      return connected(stateWith(kept(pod()), ...validating('p', policy)), { subresource, query });
    };
    expect(why(ask(given))).toBeUndefined();
    expect(why(ask(`!(${given})`))).toBe(kind);
  });

  it('of a controller too', () => {
    const actor = userNamed('system:serviceaccount:kube-system:replicaset-controller');
    const there = validating('p', { ...validation("object.metadata.labels.app != 'a'", { message: 'no' }), matchConstraints: rules('pods') });
    expect(why(admitted(stateWith(...there), creation('pods', pod({ labels: { app: 'a' } })), { actor }))).toBe('no');
  });
});

it('What matches another version is shown in that', () => {
  const scaler = objectOf({
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'h', namespace: 'default' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
      maxReplicas: 3,
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } }],
    },
  });
  const only = (version: string) => ({
    resourceRules: [{ operations: ['*'], apiGroups: ['autoscaling'], apiVersions: [version], resources: ['horizontalpodautoscalers'] }],
  });
  const shown = (version: string, messageExpression: string) =>
    why(
      admitted(
        stateWith(...validating('p', { matchConstraints: only(version), ...validation('false', { messageExpression }) })),
        creation('horizontalpodautoscalers.autoscaling', scaler),
        { version: 'v2' },
      ),
    );
  expect(shown('v1', "request.kind.version + ' for ' + request.requestKind.version + ': ' + string(object.spec.targetCPUUtilizationPercentage)")).toBe(
    'v1 for v2: 70',
  );
  expect(shown('v2', 'string(object.spec.metrics[0].resource.target.averageUtilization)')).toBe('70');
});

it('Custom objects are shown in the version that matches, and may be parameters', async () => {
  const server = await testServer();
  const version = (name: string) => ({
    name,
    served: true,
    storage: name === 'v1',
    schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { size: { type: 'integer', default: 1 } } } } } },
  });
  await server.create(
    objectOf({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'limits.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural: 'limits', singular: 'limit', kind: 'Limit', listKind: 'LimitList' },
        versions: [version('v1'), version('v2')],
      },
    }),
  );
  const path = '/apis/example.com/v1/namespaces/default/limits';
  const limit = (name: string, spec: Fields) => ({ apiVersion: 'example.com/v1', kind: 'Limit', metadata: { name }, spec });
  expect((await server.request(`POST ${path}`, { body: limit('most', { size: 3 }) })).code).toBe(201);
  const matchConstraints = { resourceRules: [{ operations: ['*'], apiGroups: ['example.com'], apiVersions: ['v2'], resources: ['limits'] }] };
  const policy = {
    paramKind: { apiVersion: 'example.com/v2', kind: 'Limit' },
    matchConstraints,
    validations: [{ expression: 'object.spec.size <= params.spec.size', messageExpression: "object.apiVersion + ' and ' + params.apiVersion" }],
  };
  const painting = {
    matchConstraints,
    mutations: [applying("Object{metadata: Object.metadata{labels: {'a': 'b'}}, spec: Object.spec{size: object.spec.size + 1}}")],
  };
  await server.create(
    ...validating('p', policy, { paramRef: { name: 'most', namespace: 'default', parameterNotFoundAction: 'Deny' } }),
    ...mutating('m', painting),
  );
  expect((await server.request(`POST ${path}`, { body: limit('more', { size: 3 }) })).json.message).toMatch(
    /denied request: example.com\/v2 and example.com\/v2$/,
  );
  const { code, json } = await server.request(`POST ${path}`, { body: limit('less', {}) });
  expect([code, json.apiVersion, json.spec, json.metadata.labels]).toEqual([201, 'example.com/v1', { size: 2 }, { a: 'b' }]);
});
