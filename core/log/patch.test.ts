import { describe, expect, it } from 'vitest';
import { applyPatch, type MergePatch } from '../kube/merge-patch.ts';
import { type KubeObject, same } from '../kube/object.ts';
import { diff } from './patch.ts';

const object = (fields: Record<string, unknown> = {}): KubeObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, ...fields });

describe('diff', () => {
  const cases: { name: string; given: [Record<string, unknown>, Record<string, unknown>]; want: MergePatch | undefined }[] = [
    { name: 'the same object twice', given: [{ spec: { a: 1 } }, { spec: { a: 1 } }], want: {} },
    { name: 'a changed field', given: [{ spec: { a: 1, b: 2 } }, { spec: { a: 1, b: 3 } }], want: { spec: { b: 3 } } },
    { name: 'an added field', given: [{}, { spec: { a: 1 } }], want: { spec: { a: 1 } } },
    { name: 'an added empty object', given: [{}, { spec: {} }], want: { spec: {} } },
    { name: 'a removed field', given: [{ spec: { a: 1, b: 2 } }, { spec: { a: 1 } }], want: { spec: { b: null } } },
    { name: 'an emptied object', given: [{ spec: { a: 1 } }, { spec: {} }], want: { spec: { a: null } } },
    { name: 'an array is replaced whole', given: [{ list: [1, 2] }, { list: [1, 2, 3] }], want: { list: [1, 2, 3] } },
    { name: 'an equal array is left out', given: [{ list: [{ a: 1 }] }, { list: [{ a: 1 }] }], want: {} },
    { name: 'an object in place of a string', given: [{ x: 'a' }, { x: { a: 1 } }], want: { x: { a: 1 } } },
    { name: 'a string in place of an object', given: [{ x: { a: 1 } }, { x: 'a' }], want: { x: 'a' } },
    { name: 'an array in place of an object', given: [{ x: { a: 1 } }, { x: [] }], want: { x: [] } },
    { name: 'an object in place of a null', given: [{ x: null }, { x: {} }], want: { x: {} } },
    { name: 'a null removed', given: [{ x: null }, {}], want: { x: null } },
    { name: 'undefined counts as absent after', given: [{ x: 1 }, { x: undefined }], want: { x: null } },
    { name: 'undefined counts as absent before', given: [{ x: undefined }, {}], want: {} },
    { name: 'an added null cannot be said', given: [{}, { x: null }], want: undefined },
    { name: 'a null inside an added object cannot be said', given: [{}, { x: { y: { z: null } } }], want: undefined },
    { name: 'a null deep in a changed object cannot be said', given: [{ x: { y: 1 } }, { x: { y: null } }], want: undefined },
    {
      name: 'a null that was there before is left alone',
      given: [
        { x: null, y: 1 },
        { x: null, y: 2 },
      ],
      want: { y: 2 },
    },
    { name: 'a null inside an array is kept by a merge patch', given: [{}, { list: [{ a: null }, null] }], want: { list: [{ a: null }, null] } },
    {
      name: 'keys that every object inherits',
      given: [{ data: {} }, { data: { constructor: 'a', toString: 'b' } }],
      want: { data: { constructor: 'a', toString: 'b' } },
    },
  ];
  for (const { name, given, want } of cases) {
    it(name, () => {
      expect(diff(object(given[0]), object(given[1]))).toStrictEqual(want);
    });
  }

  it('leaves metadata.resourceVersion out, and nothing else of that name', () => {
    const before = object({ metadata: { name: 'a', resourceVersion: '1', labels: { x: '1' } }, data: { resourceVersion: '1' } });
    const after = object({ metadata: { name: 'a', resourceVersion: '2', labels: { x: '2' } }, data: { resourceVersion: '2' } });
    expect(diff(before, after)).toStrictEqual({ metadata: { labels: { x: '2' } }, data: { resourceVersion: '2' } });
    expect(diff(after, object())).toStrictEqual({ metadata: { labels: null }, data: null });
  });

  it('does not look into what both share', () => {
    const spec = new Proxy({}, { ownKeys: () => expect.fail('looked into a shared subtree') });
    expect(diff(object({ spec }), object({ spec, x: 1 }))).toStrictEqual({ x: 1 });
  });

  it('keeps a __proto__ key, which a ConfigMap may have', () => {
    const after = object(JSON.parse('{"data":{"__proto__":"x"}}'));
    const patch = diff(object({ data: { a: '1' } }), after)!;
    expect(JSON.stringify(patch)).toBe('{"data":{"__proto__":"x","a":null}}');
    expect(JSON.stringify(applyPatch({ data: { a: '1' } }, patch).data)).toBe('{"__proto__":"x"}');
  });
});

describe('diff and applyPatch together', () => {
  it('apply(before, diff(before, after)) is after, for many random pairs', () => {
    const { value, mutate } = jsonFrom(20_261_104);
    let expressed = 0;
    for (let round = 0; round < 3_000; round++) {
      const before = object({ spec: value(4), status: value(3) });
      const after = round % 3 ? (mutate(before) as KubeObject) : object({ spec: value(4), status: value(3) });
      const untouched = JSON.stringify([before, after]);
      const patch = diff(before, after);
      if (!patch) {
        expect(JSON.stringify(after)).toContain('null');
        continue;
      }
      expressed++;
      const got = applyPatch(before, JSON.parse(JSON.stringify(patch)));
      expect(same(got, after), `round ${round}: ${untouched} gave ${JSON.stringify(patch)}`).toBe(true);
      if (same(before, after)) expect(patch).toStrictEqual({});
      expect(JSON.stringify([before, after])).toBe(untouched);
    }
    expect(expressed).toBeGreaterThan(1_500);
  });
});

/** Random JSON of a seed: few field names, so that pairs overlap, and now and then a null. */
function jsonFrom(seed: number) {
  let state = seed;
  const random = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const leaf = (): unknown => [0, 1, '', 'x', true, false, 'y', random(40) ? 2 : null][random(8)];
  const value = (depth: number): unknown => {
    if (depth === 0 || random(5) === 0) return leaf();
    if (random(4) === 0) return Array.from({ length: random(3) }, () => value(depth - 1));
    return Object.fromEntries(Array.from({ length: random(4) }, () => ['abcdef'[random(6)]!, value(depth - 1)]));
  };
  const mutate = (from: unknown): unknown => {
    if (typeof from !== 'object' || from === null || Array.isArray(from)) return random(3) ? from : value(2);
    const names = Object.keys(from);
    const out: Record<string, unknown> = { ...from };
    for (const name of names) {
      if (['apiVersion', 'kind', 'metadata'].includes(name)) continue;
      const what = random(6);
      if (what === 0) delete out[name];
      else if (what < 4) out[name] = mutate(out[name]);
    }
    if (random(3) === 0) out['abcdef'[random(6)]!] = value(2);
    return out;
  };
  return { value, mutate };
}
