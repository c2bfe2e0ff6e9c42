import { describe, expect, it } from 'vitest';
import { admissionVariables } from './admission-variables.ts';
import { type Compiled, compile } from './compile.ts';
import { misplaced, mutationStruct } from './constructed-objects.ts';
import { environment } from './environment.ts';
import { jsonOf } from './json.ts';
import { jsonValue } from './json-value.ts';
import { jsonPatchLibrary } from './libraries/jsonpatch.ts';
import { kubernetesLibraries } from './libraries/kubernetes.ts';
import { Failure, type Value } from './value.ts';

const mutations = environment({ variables: admissionVariables, libraries: [...kubernetesLibraries, jsonPatchLibrary], struct: mutationStruct });

const made = (expression: string): Value => {
  const { program } = compile(expression, mutations) as Compiled;
  const result = program.evaluate({ object: jsonValue({ metadata: { labels: { a: 'b' } }, spec: { replicas: 3 } }) });
  if ('error' in result) throw new Error(result.error);
  return result.value;
};

describe('what an expression has made, as JSON', () => {
  const check = ({ expression, want }: { expression: string; want: unknown }) => expect(jsonOf(made(expression))).toEqual(want);

  it.each([
    { expression: 'Object{spec: Object.spec{replicas: object.spec.replicas + 1}}', want: { spec: { replicas: 4 } } },
    { expression: 'Object{metadata: Object.metadata{labels: object.metadata.labels}}', want: { metadata: { labels: { a: 'b' } } } },
    { expression: 'Object{spec: Object.spec{?paused: optional.none(), list: [1, 2]}}', want: { spec: { list: [1, 2] } } },
    {
      expression: "[JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('x/y'), value: {'k': duration('90m')}}]",
      want: [{ op: 'add', path: '/metadata/labels/x~1y', value: { k: '5400s' } }],
    },
    { expression: '{1: 2}', want: new Failure("unsupported type conversion from 'types.Int' to string") },
    { expression: '9007199254740993', want: '9007199254740993' },
    { expression: "b'hi'", want: 'aGk=' },
    { expression: "Object{__proto__: 'x'}", want: JSON.parse('{"__proto__": "x"}') },
  ])('$expression', check);
});

it('stands where its type says', () => {
  expect(misplaced(made('Object{spec: Object.spec{template: Object.spec.template{}}}'))).toEqual([]);
  expect(misplaced(made('Object{spec: Object.spec{containers: [Object.spec{}]}, metadata: Object.spec{}}'))).toEqual([
    'unexpected type name "Object.spec", expected "Object.spec.containers", which matches field name path from root Object type',
    'unexpected type name "Object.spec", expected "Object.metadata", which matches field name path from root Object type',
  ]);
});
