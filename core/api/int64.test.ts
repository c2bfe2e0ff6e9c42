import { expect, it } from 'vitest';
import { int64Json } from '../kube/int64.ts';
import { testServer } from '../testing/server.ts';
import { decodeProtobuf, encodeProtobuf } from './codec/protobuf.ts';

const PODS = '/api/v1/namespaces/default/pods';
const MOST = '9223372036854775807';

const jsonOf = (seconds: string, name = 'p') =>
  `{"metadata":{"name":"${name}","annotations":{"of":"9223372036854776000"}},"spec":{"terminationGracePeriodSeconds":${seconds},"containers":[{"name":"c","image":"i"}]}}`;
const yamlOf = (seconds: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  terminationGracePeriodSeconds: ${seconds}\n  containers: [{name: c, image: i}]\n`;
const bytesOf = (seconds: string) => encodeProtobuf({ apiVersion: 'v1', kind: 'Pod', ...JSON.parse(jsonOf(seconds)) });

it.each([
  { form: 'JSON', type: 'application/json', body: jsonOf(MOST) },
  { form: 'YAML', type: 'application/yaml', body: yamlOf(MOST) },
  { form: 'protobuf', type: 'application/vnd.kubernetes.protobuf', body: bytesOf(MOST) },
])('The largest int64 that comes as $form is answered as it came, in every form', async ({ type, body }) => {
  const server = await testServer();
  const made = await server.request(`POST ${PODS}`, { type, body });
  expect({ code: made.code, text: made.text }).toMatchObject({ code: 201, text: expect.stringContaining(`"terminationGracePeriodSeconds":${MOST},`) });
  const asked: [line: string, accept: string, want: string][] = [
    [`GET ${PODS}/p`, 'application/json', `"terminationGracePeriodSeconds":${MOST},`],
    [`GET ${PODS}/p?pretty=true`, 'application/json', `"terminationGracePeriodSeconds": ${MOST},`],
    [`GET ${PODS}/p`, 'application/yaml', `terminationGracePeriodSeconds: ${MOST}\n`],
    [`GET ${PODS}`, 'application/json', `"terminationGracePeriodSeconds":${MOST},`],
    [`GET ${PODS}?includeObject=Object`, 'application/json;as=Table;g=meta.k8s.io;v=v1', `"terminationGracePeriodSeconds":${MOST},`],
  ];
  for (const [line, accept, want] of asked) {
    const { text } = await server.request(line, { accept });
    expect(text).toContain(want);
  }
  const watched = await server.response(`GET ${PODS}?watch=true&resourceVersion=0`);
  const reader = watched.body!.getReader();
  expect(Buffer.from((await reader.read()).value!).toString()).toContain(`"terminationGracePeriodSeconds":${MOST},`);
  await reader.cancel();
  const bytes = await (await server.response(`GET ${PODS}/p`, { accept: 'application/vnd.kubernetes.protobuf' })).arrayBuffer();
  expect(decodeProtobuf(new Uint8Array(bytes))).toMatchObject({ spec: { terminationGracePeriodSeconds: 2 ** 63 } });
  // As Go's varint has it.
  expect(Buffer.from(bytes).includes(Buffer.from('20ffffffffffffffff7f', 'hex'))).toBe(true);
});

it.each([
  { name: 'the first number beyond', seconds: '9223372036854775808', type: 'application/json', body: jsonOf('9223372036854775808') },
  { name: 'the first beyond, as YAML', seconds: '9223372036854775808', type: 'application/yaml', body: yamlOf('9223372036854775808') },
  { name: 'the first below', seconds: '-9223372036854775809', type: 'application/json', body: jsonOf('-9223372036854775809') },
  { name: 'one far beyond', seconds: '100000000000000000000', type: 'application/json', body: jsonOf('100000000000000000000') },
])('$name is no int64', async ({ seconds, type, body }) => {
  const server = await testServer();
  const { code, json } = await server.request(`POST ${PODS}`, { type, body });
  const reason = `json: cannot unmarshal number ${seconds} into Go struct field PodSpec.spec.terminationGracePeriodSeconds of type int64`;
  expect({ code, message: json.message }).toEqual({ code: 400, message: `Pod in version "v1" cannot be handled as a Pod: ${reason}` });
});

it('A patch may have the largest int64, and a pod that has it can be deleted', async () => {
  const server = await testServer();
  await server.request(`POST ${PODS}`, { body: jsonOf('30') });
  const tolerations = `[{"key":"k","operator":"Exists","effect":"NoExecute","tolerationSeconds":${MOST}}]`;
  const patched = await server.request(`PATCH ${PODS}/p`, { type: 'application/strategic-merge-patch+json', body: `{"spec":{"tolerations":${tolerations}}}` });
  expect(patched.text).toContain(`"tolerationSeconds":${MOST}`);
  expect(patched.text).toContain('"of":"9223372036854776000"');
  expect((await server.request(`POST ${PODS}`, { body: jsonOf(MOST, 'q') })).code).toBe(201);
  expect((await server.request(`DELETE ${PODS}/q`)).code).toBe(200);
});

it.each([
  [2 ** 63, '9223372036854775807'],
  [-(2 ** 63), '-9223372036854775808'],
  [
    [{ 'a"\\': 2 ** 63, b: '9223372036854776000', c: '"9223372036854776000' }],
    '[{"a\\"\\\\":9223372036854775807,"b":"9223372036854776000","c":"\\"9223372036854776000"}]',
  ],
  [2 ** 53, '9007199254740992'],
])('%j is %s', (value, text) => {
  expect(int64Json(value)).toBe(text);
});

it('An integer beyond 2^53 that is no end of int64 is rounded', async () => {
  const server = await testServer();
  const { code, text } = await server.request(`POST ${PODS}`, { body: jsonOf('9007199254740993') });
  expect({ code, text }).toMatchObject({ code: 201, text: expect.stringContaining('"terminationGracePeriodSeconds":9007199254740992,') });
});
