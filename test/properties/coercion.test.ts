import { describe, expect, it } from 'vitest';
import { builtIn } from '../../core/apis/built-in.ts';
import { isFields } from '../../core/kube/fields.ts';
import type { KubeObject } from '../../core/kube/object.ts';
import { pruned, withDefaults } from '../../core/schema/custom/coerce.ts';
import { DecodeError } from '../../core/schema/leaves.ts';
import { decoderOf } from '../../core/schema/structural.ts';
import { samples } from '../conformance/samples.ts';
import { structuralSchema, valueFor } from '../fuzz/random/schemas.ts';
import { mutated } from '../fuzz/random/values.ts';
import { Chance } from '../simulation/chance.ts';

/** What brings objects into their form leaves an object that is in it as it is: else each write of an unchanged object would change it. */

/** The object as it is, or with something else in it. */
function changed(chance: Chance, object: object): object {
  const other: unknown = chance.happens(0.7) ? mutated(chance, object) : object;
  return isFields(other) ? other : object;
}

describe('a custom object', () => {
  const chance = new Chance('coercion');
  const cases = Array.from({ length: 600 }, () => {
    const schema = { type: 'object', properties: { spec: structuralSchema(chance) } };
    const object = { apiVersion: 'a.example/v1', kind: 'A', metadata: { name: 'a' }, ...(valueFor(chance, schema) as object) };
    return { schema, object: changed(chance, object) };
  });

  it('that is pruned has nothing to be pruned', () => {
    let changed = 0;
    for (const { schema, object } of cases) {
      const once = pruned(object, schema);
      if (once !== object) changed++;
      expect(pruned(once, schema), JSON.stringify({ schema, object })).toBe(once);
    }
    expect(changed).toBeGreaterThan(50);
  });

  it('that has its defaults gets no more, and none that would be pruned', () => {
    let changed = 0;
    for (const { schema, object } of cases) {
      const before = pruned(object, schema);
      const once = withDefaults(before, schema) as object;
      if (once !== before) changed++;
      expect(withDefaults(once, schema), JSON.stringify({ schema, object })).toBe(once);
      expect(pruned(once, schema), JSON.stringify({ schema, object })).toBe(once);
    }
    expect(changed).toBeGreaterThan(50);
  });
});

const kinds = builtIn.flatMap(({ group, kind, resource, strategy, versions }) =>
  versions.flatMap(({ version, type }) => {
    const apiVersion = group ? `${group}/${version}` : version;
    const sample = samples[`${apiVersion} ${resource}`];
    return sample ? [{ name: `${apiVersion} ${kind}`, type, strategy, object: { apiVersion, kind, metadata: { name: 'a' }, ...sample } }] : [];
  }),
);

describe.each(kinds)('$name', ({ name, type, strategy, object }) => {
  const chance = new Chance(`coercion of ${name}`);
  const decoder = decoderOf(type);
  const decoded = Array.from({ length: 40 }, () => changed(chance, object)).flatMap((value) => {
    try {
      return [decoder.decode(value, { path: [] }) as KubeObject];
    } catch (error) {
      if (error instanceof DecodeError) return [];
      throw error;
    }
  });

  it('is decoded once', () => {
    for (const one of decoded) expect(decoder.decode(one, { path: [] })).toEqual(one);
  });

  it('has its defaults once', () => {
    for (const one of decoded) {
      const first = structuredClone(one);
      strategy.defaults?.(first);
      const second = structuredClone(first);
      strategy.defaults?.(second);
      expect(second).toEqual(first);
    }
  });
});
