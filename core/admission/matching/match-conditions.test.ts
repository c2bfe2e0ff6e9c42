import { expect, it } from 'vitest';
import { Apis } from '../../apis/apis.ts';
import { configMap, kept, namespace, stateWith } from '../../testing/decisions.ts';
import type { AdmissionReview } from '../plugin.ts';
import { Expressions } from './expression.ts';
import { MatchConditions } from './match-conditions.ts';
import { requestedBy } from './requested.ts';

/** What conditions say of the creation of a ConfigMap `a` by an administrator. */
function evaluated(conditions: readonly string[], { failurePolicy = 'Fail', variables }: { failurePolicy?: string; variables?: Record<string, string> } = {}) {
  const user = { username: 'admin', groups: ['system:masters', 'system:authenticated'], extra: { team: ['red'] } };
  const review = {
    operation: 'CREATE',
    resource: Apis.builtIn.resource('configmaps')!,
    version: 'v1',
    namespace: 'default',
    name: 'a',
    object: configMap({}, { data: { n: '1' } }),
    user,
    dryRun: true,
    options: { fieldManager: 'me' },
    state: stateWith(kept(namespace('default'))),
  } as unknown as AdmissionReview;
  const requested = requestedBy(review);
  const expressions = new Expressions({ variables: Object.entries(variables ?? {}).map(([name, expression]) => ({ name, expression })) });
  const named = conditions.map((expression, i) => ({ name: `c${i}`, expression }));
  return new MatchConditions(named, { expressions, failurePolicy }).evaluate({
    review,
    requested,
    matched: { resource: requested, kind: requested.kind },
    object: review.object,
    old: undefined,
    namespace: namespace('default'),
  });
}

/** Costs 350,000 of the 2,500,000 that conditions may. */
const dear = "authorizer.group('').resource('secrets').check('get').allowed()";
const many = (n: number) => new Array<string>(n).fill(dear);

it.each<{ name: string; given: string[]; failurePolicy?: string; variables?: Record<string, string>; want: unknown }>([
  { name: 'nothing', given: [], want: { matches: true } },
  { name: 'that all hold', given: ['true', "object.data.n == '1'"], want: { matches: true } },
  { name: 'that one does not', given: ['true', 'false'], want: { matches: false } },
  {
    name: 'what is asked, by whom',
    given: [
      "request.kind.kind == 'ConfigMap' && request.kind.group == '' && request.resource.resource == 'configmaps' && request.requestKind.version == 'v1'",
      "request.name == 'a' && request.namespace == 'default' && request.operation == 'CREATE' && request.dryRun",
      "request.userInfo.username == 'admin' && 'system:masters' in request.userInfo.groups && request.userInfo.extra['team'] == ['red']",
      "request.options.kind == 'CreateOptions' && request.options.fieldManager == 'me'",
      'oldObject == null && namespaceObject == null',
      "authorizer.requestResource.check('create').allowed()",
    ],
    want: { matches: true },
  },
  { name: 'false, whatever is wrong with another', given: ['object.none', 'false'], want: { matches: false } },
  { name: 'what is wrong', given: ['true', 'object.none'], want: { error: "expression 'object.none' resulted in error: no such key: none" } },
  {
    name: 'all that is wrong, once',
    given: ['object.a', 'object.b', 'object.a'],
    want: { error: "[expression 'object.a' resulted in error: no such key: a, expression 'object.b' resulted in error: no such key: b]" },
  },
  { name: 'nothing of what is wrong, where that is ignored', given: ['true', 'object.none'], failurePolicy: 'Ignore', want: { matches: false } },
  { name: 'what variables are', given: ['variables.b == 3'], variables: { a: '1', b: 'variables.a + 2' }, want: { matches: true } },
  {
    name: 'which variable fails',
    given: ['variables.a == 3'],
    variables: { a: 'object.none' },
    want: { error: `expression 'variables.a == 3' resulted in error: composited variable "a" fails to evaluate: no such key: none` },
  },
  { name: 'as much as they may cost', given: many(7), want: { matches: true } },
  {
    name: 'no more than that',
    given: many(8),
    want: { error: 'validation failed due to running out of cost budget, no further validation rules will be run' },
  },
  {
    name: 'no more than that, variables and all',
    given: ['variables.a', ...many(7)],
    variables: { a: dear },
    want: { error: 'validation failed due to running out of cost budget, no further validation rules will be run' },
  },
  { name: 'nothing of what costs too much, where that is ignored', given: many(8), failurePolicy: 'Ignore', want: { matches: false } },
])('Conditions say $name', ({ given, failurePolicy, variables, want }) => {
  expect(evaluated(given, { ...(failurePolicy && { failurePolicy }), ...(variables && { variables }) })).toEqual(want);
});
