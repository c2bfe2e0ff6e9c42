import type { RequestOptions } from '../../../core/testing/server.ts';
import { CONFIGMAPS, fields, PODS, type RequestInput, times } from '../input.ts';

/** Bodies of all forms, with no regard to what they mean: up to three million bytes. */

const MB = 1_000_000;
const post = (body: RequestOptions['body'], type = 'application/json', more = '') => ({
  line: `POST ${CONFIGMAPS}?dryRun=All${more}`,
  options: { body, type },
});
const yaml = (body: string) => post(body, 'application/yaml');
const patch = (body: unknown, type: string, line = `${CONFIGMAPS}/a`) => ({
  line: `PATCH ${line}?dryRun=All`,
  options: { body, type: `application/${type}+json` },
});
const named = (rest: string) => `{"metadata":{"name":"b"},${rest}}`;
const STRICT = '&fieldValidation=Strict';

export const bodies: readonly RequestInput[] = [
  { name: 'JSON: nested lists', size: 2 * MB, code: 400, request: (size) => post('['.repeat(size)) },
  { name: 'JSON: nested objects', size: 200_000, code: 400, request: (size) => post(named(`"x":${'{"a":'.repeat(size)}1${'}'.repeat(size)}`)) },
  { name: 'JSON: keys', size: 200_000, short: 130_000, code: 413, request: (size) => post({ metadata: { name: 'b' }, data: fields(size, () => 'v') }) },
  { name: 'JSON: unknown fields', size: 200_000, short: 20_000, code: 201, request: (size) => post({ metadata: { name: 'b' }, ...fields(size, () => 1) }) },
  {
    name: 'JSON: unknown fields, strict',
    size: 200_000,
    short: 20_000,
    code: 400,
    request: (size) => post({ metadata: { name: 'b' }, ...fields(size, () => 1) }, undefined, STRICT),
  },
  { name: 'JSON: the same key', size: 300_000, code: 201, request: (size) => post(named(times(size, () => '"x":1').join(','))) },
  {
    name: 'JSON: the same key below a long one',
    size: MB,
    code: 201,
    request: (size) => post(named(`"${'k'.repeat(size)}":{${times(size / 20, () => '"x":1').join(',')}}`)),
  },
  { name: 'JSON: escapes', size: 2 * MB, code: 413, request: (size) => post(named(`"data":{"a":"${'\\n'.repeat(size / 2)}"}`)) },
  { name: 'JSON: blanks', size: 2 * MB, code: 201, request: (size) => post(named(`"data":{"a":${' '.repeat(size)}"b"}`)) },
  { name: 'JSON: digits', size: 2 * MB, code: 201, request: (size) => post(named(`"x":${'9'.repeat(size)}`)) },
  { name: 'JSON: text that is wrong at its end', size: 2 * MB, code: 400, request: (size) => post(named(`"x":"${'a'.repeat(size)}\u0001"`)) },
  { name: 'JSON: a list', size: 10_000, code: 201, request: (size) => post({ metadata: { name: 'b' }, x: times(size, () => ({})) }) },
  { name: 'YAML: keys', size: 24_000, code: 201, request: (size) => yaml(`metadata: {name: b}\ndata:\n${times(size, (i) => `  k${i}: v`).join('\n')}`) },
  { name: 'YAML: the same key', size: 24_000, code: 201, request: (size) => yaml(`metadata: {name: b}\ndata:\n${times(size, () => '  k: v').join('\n')}`) },
  { name: 'YAML: nested', size: MB, code: 400, request: (size) => yaml('['.repeat(size)) },
  { name: 'YAML: dashes', size: MB, code: 400, request: (size) => yaml('- '.repeat(size / 2)) },
  { name: 'YAML: a block of text', size: MB, code: 201, request: (size) => yaml(`metadata: {name: b}\ndata:\n  a: |\n${'    line\n'.repeat(size / 9)}`) },
  { name: 'YAML: a folded block', size: MB, code: 201, request: (size) => yaml(`metadata: {name: b}\ndata:\n  a: >\n${'    line\n'.repeat(size / 9)}`) },
  { name: 'YAML: quotes', size: 500_000, code: 201, request: (size) => yaml(`metadata: {name: b}\ndata: {a: "${'\\"'.repeat(size / 2)}"}`) },
  {
    name: 'YAML: a plain text of many lines',
    size: 500_000,
    code: 201,
    request: (size) => yaml(`metadata: {name: b}\ndata:\n  a: x\n${'    y\n'.repeat(size / 6)}`),
  },
  { name: 'YAML: comments', size: 50_000, code: 201, request: (size) => yaml(`${'# c\n'.repeat(size)}metadata: {name: b}`) },
  {
    name: 'YAML: anchors',
    size: 20_000,
    code: 201,
    request: (size) => yaml(`metadata: {name: b}\ndata:\n${times(size, (i) => `  k${i}: &a${i} v`).join('\n')}`),
  },
  {
    name: 'YAML: one anchor, many aliases',
    size: 20_000,
    code: 400,
    request: (size) => yaml(`a: &a x\nmetadata: {name: b}\ndata:\n${times(size, (i) => `  k${i}: *a`).join('\n')}`),
  },
  {
    name: 'YAML: aliases of what is not there',
    size: 20_000,
    code: 400,
    request: (size) => yaml(`data:\n${times(size, (i) => `  k${i}: *a${i}`).join('\n')}`),
  },
  {
    name: 'YAML: merge keys',
    size: 10_000,
    code: 400,
    request: (size) => yaml(`a: &a {x: "1"}\nmetadata: {name: b}\nb:\n${times(size, () => '  - <<: *a').join('\n')}`),
  },
  { name: 'YAML: tabs', size: MB, code: 400, request: (size) => yaml(`a:\n${'\t'.repeat(size)}b`) },
  { name: 'YAML: colons', size: MB, code: 400, request: (size) => yaml('a:'.repeat(size / 2)) },
  { name: 'protobuf: groups', size: MB, code: 400, request: (size) => post(protobuf(Buffer.alloc(size, 0x0b)), 'application/vnd.kubernetes.protobuf') },
  {
    name: 'protobuf: empty fields',
    size: MB,
    code: 422,
    request: (size) => post(protobuf(Buffer.alloc(size, Buffer.from([0x12, 0x00]))), 'application/vnd.kubernetes.protobuf'),
  },
  {
    name: 'JSON patch: additions',
    size: 10_000,
    code: 200,
    request: (size) =>
      patch(
        times(size, (i) => ({ op: 'add', path: `/metadata/labels/k${i}`, value: 'v' })),
        'json-patch',
        `${CONFIGMAPS}/labelled`,
      ),
  },
  {
    name: 'JSON patch: at the front of a list',
    size: 9_000,
    code: 200,
    request: (size) =>
      patch(
        [{ op: 'add', path: '/metadata/finalizers', value: [] }, ...times(size, () => ({ op: 'add', path: '/metadata/finalizers/0', value: 'a/b' }))],
        'json-patch',
      ),
  },
  {
    name: 'JSON patch: moves',
    size: 4_000,
    code: 200,
    request: (size) =>
      patch(
        [
          { op: 'add', path: '/data', value: fields(5000, () => 'v') },
          ...times(size, () => [
            { op: 'move', from: '/data', path: '/x' },
            { op: 'move', from: '/x', path: '/data' },
          ]).flat(),
        ],
        'json-patch',
      ),
  },
  {
    name: 'JSON patch: copies',
    size: 9_000,
    code: 200,
    request: (size) =>
      patch(
        times(size, (i) => ({ op: 'copy', from: '/data/x', path: `/data/y${i}` })),
        'json-patch',
      ),
  },
  {
    name: 'JSON patch: tests',
    size: 10_000,
    code: 200,
    request: (size) =>
      patch(
        times(size, () => ({ op: 'test', path: '/data', value: { x: '1' } })),
        'json-patch',
      ),
  },
  { name: 'JSON patch: a long path', size: MB, code: 422, request: (size) => patch([{ op: 'add', path: '/a'.repeat(size / 2), value: 1 }], 'json-patch') },
  { name: 'merge patch: keys', size: 30_000, short: 5_000, code: 200, request: (size) => patch({ data: fields(size, () => 'v') }, 'merge-patch') },
  { name: 'merge patch: removals', size: 100_000, code: 200, request: (size) => patch({ data: fields(size, () => null) }, 'merge-patch') },
  {
    name: 'strategic patch: keys',
    size: 30_000,
    short: 5_000,
    code: 200,
    request: (size) => patch({ data: fields(size, () => 'v') }, 'strategic-merge-patch'),
  },
  { name: 'strategic patch: elements', size: 9_000, code: 422, request: (size) => strategic({ containers: times(size, (i) => ({ name: `c${i}` })) }) },
  {
    name: 'strategic patch: removals of elements',
    size: 10_000,
    code: 200,
    request: (size) => strategic({ tolerations: [], containers: times(size, (i) => ({ name: `c${i}`, $patch: 'delete' })) }),
  },
  {
    name: 'strategic patch: an order',
    size: 5_000,
    code: 422,
    request: (size) =>
      strategic({
        '$setElementOrder/containers': times(size, (i) => ({ name: `c${i}` })).concat({ name: 'main' }),
        containers: times(size, (i) => ({ name: `c${i}` })),
      }),
  },
  {
    name: 'strategic patch: a set',
    size: 10_000,
    code: 422,
    request: (size) => patch({ metadata: { finalizers: times(size, (i) => `f${i}!`) } }, 'strategic-merge-patch'),
  },
  {
    name: 'strategic patch: removals from a set',
    size: 10_000,
    code: 200,
    request: (size) => patch({ metadata: { '$deleteFromPrimitiveList/finalizers': times(size, (i) => `a.b/f${i}`) } }, 'strategic-merge-patch'),
  },
  { name: 'strategic patch: of a wrong type', size: MB, code: 422, request: (size) => patch({ data: { a: 1, b: 'x'.repeat(size) } }, 'strategic-merge-patch') },
];

const strategic = (spec: object) => patch({ spec }, 'strategic-merge-patch', `${PODS}/p`);

function protobuf(rest: Buffer): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat([Buffer.from('k8s\0'), rest]));
}
