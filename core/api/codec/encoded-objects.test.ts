import { describe, expect, it, vi } from 'vitest';
import { apisOf } from '../../apis/apis.ts';
import type { KubeObject } from '../../kube/object.ts';
import { State } from '../../state/state.ts';
import { configMap } from '../../testing/objects.ts';
import { fieldMaskOf } from '../query/field-mask.ts';
import { targetOf } from '../request/target.ts';
import { EncodedObjects } from './encoded-objects.ts';

const configMaps = targetOf(apisOf(State.empty), { group: '', version: 'v1', resource: 'configmaps' })!;
const AS = { target: configMaps, log: 'main 0' };

const objectOf = (i: number, resourceVersion = String(i + 1)): KubeObject => {
  const name = `m${String(i).padStart(5, '0')}`;
  return configMap(name, { metadata: { name, namespace: 'default', resourceVersion }, data: { text: 'ü'.repeat(300) } });
};
const some = (count: number): KubeObject[] => Array.from({ length: count }, (_, i) => objectOf(i));

/** The text of all pieces, and how many objects were encoded for it. */
function taken(encoded: EncodedObjects, objects: readonly KubeObject[], as: Parameters<EncodedObjects['pieces']>[1] = AS) {
  const stringify = vi.spyOn(JSON, 'stringify');
  const pieces = [...encoded.pieces(objects, as)];
  const calls = stringify.mock.calls.filter(([value]) => typeof value === 'object').length;
  stringify.mockRestore();
  return { text: Buffer.concat(pieces.map(({ bytes }) => bytes)).toString(), encoded: calls, pieces };
}

const elements = (objects: readonly KubeObject[]) => objects.map(({ apiVersion: _a, kind: _k, ...rest }) => `,${JSON.stringify(rest)}`).join('');

describe('encoded objects', () => {
  const objects = some(2_000);

  it('are encoded once, but for the few behind the last piece that ends by itself', () => {
    const encoded = new EncodedObjects(10_000_000);
    const first = taken(encoded, objects);
    expect(first).toMatchObject({ text: elements(objects), encoded: 2_000 });
    const again = taken(encoded, objects);
    expect(again.text).toBe(first.text);
    expect(again.encoded).toBeLessThan(500);
    expect(again.pieces[0]!.deflated).toBe(first.pieces[0]!.deflated);
  });

  it('of which some fields are wanted are encoded once, too', () => {
    const encoded = new EncodedObjects(10_000_000);
    const as = { ...AS, fields: fieldMaskOf('metadata.uid') };
    const many = some(8_000);
    const first = taken(encoded, many, as);
    expect(first.text).toBe(
      many.map(({ metadata: { name, namespace, resourceVersion } }) => `,${JSON.stringify({ metadata: { name, namespace, resourceVersion } })}`).join(''),
    );
    expect(taken(encoded, many, as)).toMatchObject({ text: first.text, encoded: expect.toSatisfy((count: number) => count < 4_000) });
  });

  it('are encoded anew near one that has changed, come or gone', () => {
    for (const change of [objects.with(700, objectOf(700, '5000')), objects.toSpliced(700, 1), objects.toSpliced(700, 0, objectOf(99_999))]) {
      const encoded = new EncodedObjects(10_000_000);
      taken(encoded, objects);
      const { text, encoded: calls } = taken(encoded, change);
      expect(text).toBe(elements(change));
      expect(calls).toBeLessThan(1_500);
      expect(taken(encoded, change).encoded).toBeLessThan(500);
    }
  });

  it.each([
    { name: 'of another log', as: { ...AS, log: 'main 1' } },
    { name: 'of a log that is not certain', as: { ...AS, log: undefined } },
    { name: 'as another API serves them', as: { ...AS, target: { ...configMaps } } },
    { name: 'of which all fields are wanted', as: { ...AS, fields: fieldMaskOf('data') } },
  ])('are not taken for those $name', ({ as }) => {
    const encoded = new EncodedObjects(10_000_000);
    taken(encoded, objects);
    const others = objects.map((object) => ({ ...object, data: { text: 'other' } }) as KubeObject);
    expect(taken(encoded, others, as)).toMatchObject({ text: elements(others), encoded: 2_000 });
  });

  it('are no more bytes than they may be', () => {
    const encoded = new EncodedObjects(60_000);
    expect(taken(encoded, objects).text).toBe(elements(objects));
    expect(encoded.bytes).toBeLessThanOrEqual(60_000);
    expect(encoded.bytes).toBeGreaterThan(30_000);
    expect(taken(encoded, objects).text).toBe(elements(objects));
    expect(encoded.bytes).toBeLessThanOrEqual(60_000);
  });

  it('are of one type in a piece, as that stands in their text', () => {
    const [a, b, c, d] = some(4) as [KubeObject, KubeObject, KubeObject, KubeObject];
    const { apiVersion, kind, ...rest } = b;
    const given = [a, { kind, apiVersion, ...rest } as KubeObject, { ...rest, apiVersion, kind } as KubeObject, c, d];
    const { text, pieces } = taken(new EncodedObjects(10_000_000), given);
    expect(text).toBe(elements(given));
    expect(pieces.map(({ type, ends }) => [type, ends.length])).toEqual([
      ['{"apiVersion":"v1","kind":"ConfigMap",', 1],
      ['{"kind":"ConfigMap","apiVersion":"v1",', 1],
      [undefined, 1],
      ['{"apiVersion":"v1","kind":"ConfigMap",', 2],
    ]);
  });
});
