import { describe, expect, it } from 'vitest';
import { type Mutation, update } from '../apis/mutation.ts';
import { type Fields, fieldsOf, objectOf } from '../kube/fields.ts';
import type { KubeObject } from '../kube/object.ts';
import { managedFieldsOf } from '../managed-fields/ownership.ts';
import type { Pod } from '../schema/generated/kinds.ts';
import { configMap, deployment, kept, namespace, pod, stateWith } from '../testing/decisions.ts';
import { admitted, applying, mutating, mutatingBindingOf, patching, rules, validating } from '../testing/policies.ts';

const creation = (resource: string, object: KubeObject): Mutation => ({ type: 'create', resource, object });

/** What comes of creating a ConfigMap of these data where these objects are. */
const create = (there: readonly KubeObject[], data: Fields = { n: '5' }) => admitted(stateWith(...there), creation('configmaps', configMap({}, { data })));
const dataOf = ({ object }: ReturnType<typeof admitted>) => fieldsOf(object!)['data'];

const one = (mutation: Fields, more: Fields = {}): Fields => ({ mutations: [mutation], ...more });
const add = (key: string, value: string) => patching(`[JSONPatch{op: 'add', path: '/data/${key}', value: ${value}}]`);

describe('A mutation', () => {
  it.each<{ name: string; given: Fields; want: Fields }>([
    { name: 'by a patch', given: add('m', "'x' + object.data.n"), want: { n: '5', m: 'x5' } },
    { name: 'by a configuration', given: applying("Object{data: {'m': 'x' + object.data.n}}"), want: { n: '5', m: 'x5' } },
    {
      name: 'of every operation',
      given: patching(
        "[JSONPatch{op: 'test', path: '/data/n', value: '5'}, JSONPatch{op: 'copy', from: '/data/n', path: '/data/c'}, JSONPatch{op: 'move', from: '/data/n', path: '/data/d'}, JSONPatch{op: 'replace', path: '/data/c', value: '6'}, JSONPatch{op: 'add', path: '/data/' + jsonpatch.escapeKey('x.y'), value: '7'}, JSONPatch{op: 'remove', path: '/data/d'}]",
      ),
      want: { c: '6', 'x.y': '7' },
    },
    {
      name: 'that makes what it adds to',
      given: patching("[JSONPatch{op: 'add', path: '/data', value: {'a': 'b'}}]"),
      want: { a: 'b' },
    },
    {
      name: 'whose test does not hold: none',
      given: patching("[JSONPatch{op: 'add', path: '/data/m', value: 'x'}, JSONPatch{op: 'test', path: '/data/n', value: '6'}]"),
      want: { n: '5' },
    },
    { name: 'of no operations', given: patching('[]'), want: { n: '5' } },
    { name: 'of nothing', given: applying('Object{}'), want: { n: '5' } },
  ])('$name', ({ given, want }) => {
    expect(dataOf(create(mutating('m', one(given))))).toEqual(want);
  });

  it('sees what the ones before it did, of the same policy and of others, in the order of their names', () => {
    expect(dataOf(create(mutating('m', { mutations: [add('a', "'1'"), add('b', "object.data.a + '2'")] })))).toEqual({ n: '5', a: '1', b: '12' });
    const there = [...mutating('z', one(add('z', 'string(size(object.data))'))), ...mutating('a', one(add('a', 'string(size(object.data))')))];
    expect(dataOf(create(there))).toEqual({ n: '5', a: '1', z: '2' });
  });

  it('is shown variables, parameters, conditions, the namespace and the authorizer', () => {
    const limits = kept(configMap({ name: 'l' }, { data: { team: 'red' } }));
    const spec = {
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      variables: [{ name: 'team', expression: 'params.data.team' }],
      matchConditions: [{ name: 'others', expression: "object.metadata.name != 'b'" }],
    };
    const there = mutating(
      'm',
      one(add('team', 'variables.team + namespaceObject.metadata.name + string(authorizer.requestResource.check("create").allowed())'), spec),
      {
        paramRef: { name: 'l', parameterNotFoundAction: 'Deny' },
      },
    );
    expect(dataOf(create([limits, ...there]))).toEqual({ n: '5', team: 'reddefaulttrue' });
    const other = admitted(stateWith(limits, ...there), creation('configmaps', configMap({ name: 'b' }, { data: { n: '5' } })));
    expect(dataOf(other)).toEqual({ n: '5' });
  });

  it('is made once with each of several parameters', () => {
    const limits = ['k', 'l'].map((name) => kept(configMap({ name }, { data: { name } })));
    const spec = one(patching("[JSONPatch{op: 'add', path: '/data/' + params.data.name, value: 'x'}]"), { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } });
    expect(dataOf(create([...limits, ...mutating('m', spec, { paramRef: { selector: {}, parameterNotFoundAction: 'Deny' } })]))).toEqual({
      n: '5',
      k: 'x',
      l: 'x',
    });
  });

  it('is made of updates, and not of deletions', () => {
    const old = kept(configMap({}, { data: { n: '5' } }));
    const there = mutating('m', one(add('m', "oldObject == null ? 'new' : oldObject.data.n")));
    expect(dataOf(admitted(stateWith(old, ...there), update('configmaps', { ...old, data: { n: '6' } })))).toEqual({ n: '6', m: '5' });
    const deletion: Mutation = { type: 'delete', resource: 'configmaps', namespace: 'default', name: 'a' };
    const refusing = mutating('m', one(applying('Object{spec: Object.spec{}}')));
    expect(admitted(stateWith(old, ...refusing), deletion).refused).toBeUndefined();
  });

  it('of a pod lays a container beside the others, with defaults', () => {
    const sidecar = applying(
      "Object{spec: Object.spec{initContainers: [Object.spec.initContainers{name: 'side', image: 'i', restartPolicy: 'Always'}], containers: [Object.spec.containers{name: 'c', env: [Object.spec.containers.env{name: 'A', value: 'b'}]}]}}",
    );
    const { object } = admitted(stateWith(...mutating('m', one(sidecar, { matchConstraints: rules('pods') }))), creation('pods', pod()));
    const { spec } = object as Pod;
    expect(spec!.initContainers).toMatchObject([{ name: 'side', restartPolicy: 'Always', terminationMessagePath: '/dev/termination-log' }]);
    expect(spec!.containers).toMatchObject([{ name: 'c', image: 'i', env: [{ name: 'A', value: 'b' }] }]);
    // The second turn of the plugins before it finds what they did in the first.
    expect(spec!.volumes).toHaveLength(1);
    expect(spec!.tolerations).toHaveLength(2);
  });

  it('of a scale is one of what scales', () => {
    const old = kept(deployment());
    const there = mutating('m', one(applying('Object{spec: Object.spec{replicas: 3}}'), { matchConstraints: rules('deployments/scale') }));
    const scaled: Mutation = { ...update('deployments.apps', { ...old, spec: { ...old.spec!, replicas: 9 } }), scaled: true };
    expect(admitted(stateWith(old, ...there), scaled).object).toMatchObject({
      kind: 'Deployment',
      spec: { replicas: 3, selector: { matchLabels: { app: 'a' } } },
    });
    expect(admitted(stateWith(old, ...there), { ...scaled, scaled: undefined } as Mutation).object).toMatchObject({ spec: { replicas: 9 } });
  });

  it('of another version of the object comes back in the one that is stored', () => {
    const scaler = objectOf({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'h', namespace: 'default' },
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }, maxReplicas: 3 },
    });
    const matchConstraints = {
      resourceRules: [{ operations: ['CREATE'], apiGroups: ['autoscaling'], apiVersions: ['v1'], resources: ['horizontalpodautoscalers'] }],
    };
    const there = mutating('m', one(applying('Object{spec: Object.spec{targetCPUUtilizationPercentage: 40}}'), { matchConstraints }));
    const { object } = admitted(stateWith(...there), creation('horizontalpodautoscalers.autoscaling', scaler), { version: 'v2' });
    expect(object).toMatchObject({
      apiVersion: 'autoscaling/v2',
      spec: { metrics: [{ resource: { name: 'cpu', target: { averageUtilization: 40 } } }] },
    });
  });

  it('has no field manager, is validated as what is sent is, and shown to the policies that validate', () => {
    const { object } = create(mutating('m', one(add('m', "'x'"))));
    expect(JSON.stringify(managedFieldsOf(object!))).toMatch(/f:n/);
    expect(JSON.stringify(managedFieldsOf(object!))).not.toMatch(/f:m"/);
    expect(create(mutating('m', one(patching("[JSONPatch{op: 'add', path: '/metadata/labels', value: {'a': '-'}}]")))).refused).toMatchObject({
      code: 422,
      message: expect.stringMatching(/^ConfigMap "a" is invalid: metadata.labels: Invalid value: "-"/),
    });
    const there = [...mutating('m', one(add('m', "'x'"))), ...validating('v', { validations: [{ expression: "object.data.m != 'x'", message: 'seen' }] })];
    expect(create(there).refused!.message).toMatch(/denied request: seen$/);
  });
});

describe('Reinvocation', () => {
  const count = (key: string) => add(key, `has(object.data.${key}) ? object.data.${key} + '+' : string(size(object.data))`);
  const twice = { reinvocationPolicy: 'IfNeeded' };
  it('asks those again that want it, once, and shows them what the others did', () => {
    expect(dataOf(create([...mutating('a', one(count('a'))), ...mutating('b', one(count('b')))]))).toEqual({ n: '5', a: '1', b: '2' });
    expect(dataOf(create([...mutating('a', one(count('a'), twice)), ...mutating('b', one(count('b')))]))).toEqual({ n: '5', a: '1+', b: '2' });
    expect(dataOf(create([...mutating('a', one(count('a'))), ...mutating('b', one(count('b'), twice))]))).toEqual({ n: '5', a: '1', b: '2+' });
  });

  it('asks none again where nothing is changed', () => {
    const passed = { ...twice, matchConditions: [{ name: 'never', expression: 'false' }] };
    expect(dataOf(create([...mutating('a', one(count('a'), passed)), ...mutating('b', one(count('b'), passed))]))).toEqual({ n: '5' });
  });

  it('asks each binding and each parameter by itself', () => {
    const there = [
      ...mutating('a', one(count('a'), twice)),
      mutatingBindingOf('a', { matchResources: { namespaceSelector: { matchLabels: { x: 'y' } } } }, 'b'),
    ];
    expect(dataOf(create(there))).toEqual({ n: '5', a: '1+' });
    expect(dataOf(create([kept(namespace('default', { labels: { x: 'y' } })), ...there]))).toEqual({ n: '5', a: '1+++' });
  });
});

describe('What cannot be done', () => {
  const refused = (mutation: Fields, more: Fields = {}, binding: Fields = {}) => create(mutating('m', one(mutation, more), binding)).refused;
  const why = (...given: Parameters<typeof refused>) => refused(...given)?.message?.replace(/^policy 'm' with binding 'm' denied request: /, '');

  it('refuses the request: 403, reason Invalid', () => {
    expect(refused(add('m', 'object.data.none'))).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: `policy 'm' with binding 'm' denied request: expression '[JSONPatch{op: 'add', path: '/data/m', value: object.data.none}]' resulted in error: no such key: none`,
      reason: 'Invalid',
      details: {
        name: 'a',
        kind: 'configmaps',
        causes: [
          {
            message: `policy 'm' with binding 'm' denied request: expression '[JSONPatch{op: 'add', path: '/data/m', value: object.data.none}]' resulted in error: no such key: none`,
          },
        ],
      },
      code: 403,
    });
  });

  it.each<{ name: string; given: Fields; want: string }>([
    {
      name: 'a path that is not there',
      given: patching("[JSONPatch{op: 'add', path: '/metadata/labels/a', value: 'b'}]"),
      want: 'JSON Patch: add operation does not apply: doc is missing path: "/metadata/labels/a": missing value',
    },
    {
      name: 'a field that the type does not have',
      given: applying('Object{spec: Object.spec{replicas: 3}}'),
      want: 'error applying patch: failed to convert patch object to typed object: .spec: field not declared in schema',
    },
    {
      name: 'an object that stands where it does not belong',
      given: applying('Object{metadata: Object.spec{}}'),
      want: 'type mismatch: unexpected type name "Object.spec", expected "Object.metadata", which matches field name path from root Object type',
    },
    {
      name: 'an object within a patch that does not',
      given: patching("[JSONPatch{op: 'add', path: '/metadata', value: Object.metadata{labels: Object.spec{}}}]"),
      want: 'type mismatch: unexpected type name "Object.spec", expected "Object.metadata.labels", which matches field name path from root Object type',
    },
    {
      name: 'a value that is no JSON',
      given: add('m', '{1: 2}'),
      want: "JSONPath valueExpression evaluated to a type that could not marshal to JSON: unsupported type conversion from 'types.Int' to string",
    },
  ])('$name', ({ given, want }) => {
    expect(why(given)).toBe(want);
  });

  it('what is owned as a whole', () => {
    const there = mutating(
      'm',
      one(applying("Object{spec: Object.spec{selector: Object.spec.selector{matchLabels: {'a': 'b'}}}}"), { matchConstraints: rules('deployments') }),
    );
    expect(admitted(stateWith(...there), creation('deployments.apps', deployment())).refused!.message).toMatch(
      /error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: \.spec\.selector$/,
    );
    const args = mutating(
      'm',
      one(applying("Object{spec: Object.spec{containers: [Object.spec.containers{name: 'c', args: ['x']}]}}"), { matchConstraints: rules('pods') }),
    );
    expect(admitted(stateWith(...args), creation('pods', pod())).refused!.message).toMatch(/structs: \.spec\.containers\[0\]\.args$/);
  });

  it('a patch that makes no object of the kind: 500, whatever the policy ignores', () => {
    const made = (expression: string) => refused(patching(expression), { failurePolicy: 'Ignore' });
    expect(made("[JSONPatch{op: 'add', path: '/spec', value: {}}]")).toMatchObject({
      code: 500,
      message: 'Internal error occurred: strict decoding error: unknown field "spec"',
    });
    expect(made("[JSONPatch{op: 'add', path: '/data', value: 'x'}]")).toMatchObject({
      code: 500,
      message: 'Internal error occurred: json: cannot unmarshal string into Go struct field ConfigMap.data of type map[string]string',
    });
  });

  it('does nothing where the policy ignores it', () => {
    expect(dataOf(create(mutating('m', { mutations: [add('m', 'object.data.none'), add('k', "'x'")], failurePolicy: 'Ignore' })))).toEqual({ n: '5', k: 'x' });
  });

  it('for want of parameters, or of their kind: Forbidden', () => {
    const paramKind = { apiVersion: 'v1', kind: 'ConfigMap' };
    const paramRef = { name: 'l', parameterNotFoundAction: 'Deny' };
    expect(refused(add('m', "'x'"), { paramKind }, { paramRef })).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message:
        "policy 'm' with binding 'm' denied request: failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction",
    });
    expect(refused(add('m', "'x'"), { paramKind: { apiVersion: 'example.com/v1', kind: 'Limit' } }, { paramRef })).toMatchObject({
      message: `policy "m" denied request: failed to configure policy: failed to find resource referenced by paramKind: 'example.com/v1, Kind=Limit'`,
    });
    expect(refused(add('m', "'x'"), { paramKind, failurePolicy: 'Ignore' }, { paramRef })).toBeUndefined();
  });

  it('tells of all that went wrong', () => {
    const there = [...mutating('a', { mutations: [add('m', 'object.a'), add('m', 'object.b')] }), ...mutating('b', one(add('m', 'object.c')))];
    expect(create(there).refused!.details!.causes).toHaveLength(3);
  });
});
