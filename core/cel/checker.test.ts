import { describe, expect, it } from 'vitest';
import { type Compiled, compile } from './compile.ts';
import { mutationStruct } from './constructed-objects.ts';
import { environment } from './environment.ts';
import { bindings } from './libraries/bindings.ts';
import { kubernetesLibraries } from './libraries/kubernetes.ts';
import { DYN, INT, listOf, STRING, structType } from './type.ts';

const spec = structType(
  'Spec',
  new Map([
    ['replicas', INT],
    ['names', listOf(STRING)],
  ]),
);

const variables = environment({
  variables: { self: spec, any: DYN, 'authorizer.requestResource': STRING },
  libraries: [...kubernetesLibraries, bindings],
  struct: mutationStruct,
});

describe('the type of an expression', () => {
  const check = ({ source, want }: { source: string; want: string }) => {
    const compiled = compile(source, variables);
    expect('issues' in compiled ? compiled.issues.map(({ message }) => message).join('; ') : `${compiled.type}`).toBe(want);
  };

  it.each([
    { source: 'self.names[0]', want: 'string' },
    { source: 'self.?replicas', want: 'optional_type(int)' },
    { source: '[self.names, []]', want: 'list(list(string))' },
    { source: '[]', want: 'list(dyn)' },
    { source: 'any.x + 1', want: 'int' },
    { source: 'any.x + any.y', want: 'dyn' },
    { source: 'self.names.map(n, size(n))', want: 'list(int)' },
    { source: 'type(self.replicas)', want: 'type(int)' },
    { source: 'authorizer.requestResource', want: 'string' },
    { source: 'Object{spec: Object.spec{replicas: 1}}', want: 'Object' },
    { source: 'self.nope', want: "undefined field 'nope'" },
    { source: 'self.replicas.x', want: "type 'int' does not support field selection" },
    { source: 'nope(1)', want: "undeclared reference to 'nope' (in container '')" },
    { source: "1 + 'a'", want: "found no matching overload for '_+_' applied to '(int, string)'" },
    { source: 'self.names.startsWith(1)', want: "found no matching overload for 'startsWith' applied to 'list(string).(int)'" },
    { source: 'self.replicas.all(x, true)', want: "expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)" },
    { source: '1 && true', want: "expected type 'bool' but found 'int'" },
    { source: "[1, 'a']", want: "expected type 'int' but found 'string'" },
    { source: "'%s %d'.format(['a', 1])", want: 'string' },
    { source: 'google.protobuf.Int64Value{value: 1}', want: 'wrapper(int)' },
    { source: 'self{}', want: "'Spec' is not a type" },
  ])('$source', check);

  it('has a size that is bounded', () => {
    const nested = Array.from({ length: 60 }, (_, i) => `cel.bind(x${i + 1}, [{x${i}: x${i}}], `).join('');
    const { type } = compile(`cel.bind(x0, 'a', ${nested}x60${')'.repeat(61)}`, variables) as Compiled;
    expect(`${type}`.length).toBeLessThan(10_000);
  });
});
