import { defined } from '../definition.ts';
import { type RequestInput, times } from '../input.ts';
import { LIST, MB } from './posted.ts';

const ruled = (size: number, rule: (size: number) => string, schema: object = { type: 'string', maxLength: 10 }) =>
  defined({ ...schema, 'x-kubernetes-validations': [{ rule: rule(size) }] });

const rules = (rules: readonly object[]) =>
  defined({ type: 'object', properties: { a: { type: 'string', maxLength: 10 } }, 'x-kubernetes-validations': rules });

const policy = (spec: object) => ({
  line: 'POST /apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies?dryRun=All',
  options: {
    body: {
      metadata: { name: 'b' },
      spec: { matchConstraints: { resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }] }, ...spec },
    },
  },
});

const webhook = (matchConditions: readonly object[]) => ({
  line: 'POST /apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations?dryRun=All',
  options: {
    body: {
      metadata: { name: 'b' },
      webhooks: [{ name: 'a.b.c', clientConfig: { url: 'https://a.b' }, sideEffects: 'None', admissionReviewVersions: ['v1'], matchConditions }],
    },
  },
});

/** Expressions, with as much of one thing as a rule may hold. */
export const expressionInputs: readonly RequestInput[] = [
  { name: 'rule: a long text', size: MB, code: 422, request: (size) => ruled(size, (n) => `self == '${'x'.repeat(n)}'`) },
  { name: 'rule: parentheses', size: LIST, code: 422, request: (size) => ruled(size, (n) => `${'('.repeat(n)}true${')'.repeat(n)}`) },
  { name: 'rule: parentheses that do not close', size: MB, code: 422, request: (size) => ruled(size, (n) => '('.repeat(n)) },
  { name: 'rule: negations', size: MB, code: 422, request: (size) => ruled(size, (n) => `${'!'.repeat(n)}true`) },
  { name: 'rule: conjunctions', size: LIST, code: 201, request: (size) => ruled(size, (n) => times(n, () => 'true').join(' && ')) },
  { name: 'rule: sums', size: 1000, code: 422, request: (size) => ruled(size, (n) => `${times(n, () => '1').join(' + ')} > 0`) },
  { name: 'rule: conditions', size: LIST, code: 422, request: (size) => ruled(size, (n) => `${'true ? '.repeat(n)}true${' : true'.repeat(n)}`) },
  { name: 'rule: a list', size: LIST, code: 201, request: (size) => ruled(size, (n) => `1 in [${times(n, (i) => i).join(', ')}]`) },
  { name: 'rule: a map', size: LIST, code: 201, request: (size) => ruled(size, (n) => `1 in {${times(n, (i) => `${i}: 1`).join(', ')}}`) },
  { name: 'rule: selections', size: LIST, code: 422, request: (size) => ruled(size, (n) => `self${'.a'.repeat(n)} == 1`) },
  { name: 'rule: calls', size: LIST, code: 422, request: (size) => ruled(size, (n) => `self${'.lowerAscii()'.repeat(n)} == ''`) },
  { name: 'rule: names that are not known', size: LIST, code: 422, request: (size) => ruled(size, (n) => times(n, (i) => `x${i}`).join(' && ')) },
  { name: 'rule: characters that are none', size: MB, code: 422, request: (size) => ruled(size, (n) => '#'.repeat(n)) },
  { name: 'rule: quotes', size: MB, code: 422, request: (size) => ruled(size, (n) => "'\\".repeat(n / 2)) },
  { name: 'rule: lines', size: MB, code: 422, request: (size) => ruled(size, (n) => `${'\n'.repeat(n)}self ==`) },
  { name: 'rule: digits', size: MB, code: 422, request: (size) => ruled(size, (n) => `${'9'.repeat(n)} == 1`) },
  {
    name: 'rule: loops in loops',
    size: 12,
    code: 422,
    request: (size) => ruled(size, (n) => `${times(n, (i) => `[1, 2, 3, 4, 5, 6, 7, 8].all(x${i}, `).join('')}true${')'.repeat(n)}`),
  },
  {
    name: 'rule: a loop that makes its list longer',
    size: 12,
    code: 201,
    request: (size) => ruled(size, (n) => `[0]${'.map(x, [x, x]).flatten()'.repeat(n)}.size() > 0`),
  },
  { name: 'rule: a pattern of groups', size: 2000, code: 422, request: (size) => ruled(size, (n) => `self.matches('${'('.repeat(n)}a${')+'.repeat(n)}$')`) },
  { name: 'rule: a pattern of repetitions', size: LIST, code: 422, request: (size) => ruled(size, (n) => `self.matches('${'a{1000}'.repeat(n)}')`) },
  { name: 'rules', size: LIST, short: 2000, code: 201, request: (size) => rules(times(size, () => ({ rule: 'true' }))) },
  { name: 'rules that are wrong', size: LIST, short: 2000, code: 422, request: (size) => rules(times(size, () => ({ rule: 'self.b == 1' }))) },
  { name: 'rules: messages', size: LIST, short: 2000, code: 422, request: (size) => rules(times(size, () => ({ rule: 'true', messageExpression: '1' }))) },
  { name: 'rules: paths', size: LIST, short: 2000, code: 422, request: (size) => rules(times(size, () => ({ rule: 'true', fieldPath: '.b' }))) },
  { name: 'rules: a long path', size: MB, code: 422, request: (size) => rules([{ rule: 'true', fieldPath: '.a'.repeat(size / 2) }]) },
  {
    name: 'admission policy: a condition',
    size: LIST,
    // Deeper than cel-go's parser goes.
    code: 422,
    request: (size) => policy({ validations: [{ expression: times(size, () => 'object.x').join(' == ') }] }),
  },
  {
    name: 'admission policy: validations',
    size: LIST,
    short: 2000,
    code: 201,
    request: (size) => policy({ validations: times(size, () => ({ expression: 'object == null' })) }),
  },
  {
    name: 'admission policy: variables',
    size: 2000,
    code: 201,
    request: (size) =>
      policy({ validations: [{ expression: 'true' }], variables: times(size, (i) => ({ name: `v${i}`, expression: i ? `variables.v${i - 1}` : '1' })) }),
  },
  {
    name: 'webhook: match conditions',
    size: LIST,
    short: 2000,
    code: 422,
    request: (size) => webhook(times(size, (i) => ({ name: `c${i}`, expression: 'x.y' }))),
  },
  {
    name: 'webhook: a match condition',
    size: LIST,
    code: 201,
    request: (size) => webhook([{ name: 'c', expression: times(size, () => 'true').join(' || ') }]),
  },
];
