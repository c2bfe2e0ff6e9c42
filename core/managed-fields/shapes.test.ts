import { describe, expect, it } from 'vitest';
import { FieldSet } from './field-set.ts';
import { readFieldsV1 } from './fields-v1.ts';
import { headOf, type ManagedEntry, sameEntries, servedEntry } from './managed-entry.ts';
import { managedFieldsText } from './served-text.ts';
import { entriesOf, ownershipOf, readOwnership, storedShape } from './shapes.ts';

const creator = headOf({ manager: 'kube-controller-manager', operation: 'Update', apiVersion: 'v1' });
const kubelet = headOf({ manager: 'kubelet', operation: 'Update', apiVersion: 'v1', subresource: 'status' });
const quoted = headOf({ manager: 'a "b"', operation: 'Apply', apiVersion: 'v1' });

/** What is owned of a pod with these addresses. */
const entriesFor = (...ips: readonly string[]): ManagedEntry[] => [
  { head: creator, time: 1_000, set: readFieldsV1({ 'f:spec': { 'f:containers': { 'k:{"name":"web"}': { '.': {}, 'f:image': {} } } } }) },
  {
    head: kubelet,
    time: 2_000,
    set: readFieldsV1({
      'f:status': { 'f:phase': {}, 'f:podIPs': { '.': {}, ...Object.fromEntries(ips.map((ip) => [`k:{"ip":"${ip}"}`, { '.': {}, 'f:ip': {} }])) } },
    }),
  },
];

const cases: { name: string; entries: ManagedEntry[] }[] = [
  { name: 'without keys of its own', entries: [{ head: creator, time: 5, set: FieldSet.of(['f:data', 'f:k']) }] },
  { name: 'without a time', entries: [{ head: quoted, time: undefined, set: FieldSet.of(['f:data']) }] },
  { name: 'with an address', entries: entriesFor('10.0.0.1') },
  { name: 'with two addresses, beside each other', entries: entriesFor('10.0.0.1', 'fd00::1') },
  {
    name: 'with fields that look like what is left open',
    entries: [{ head: creator, time: 5, set: FieldSet.of(['f:data', 'f:"k:{\\"ip\\":?0}"'], ['f:data', 'f:k:{"ip":?0}']) }],
  },
];

describe('what is kept of owners', () => {
  for (const { name, entries } of cases) {
    it(`comes back, ${name}`, () => {
      const ownership = ownershipOf(entries)!;
      expect(sameEntries(entriesOf(ownership), entries)).toBe(true);
      const [shape, ...own] = ownership;
      expect(sameEntries(entriesOf(readOwnership(JSON.parse(JSON.stringify(storedShape(shape))), own)), entries)).toBe(true);
    });

    it(`is told as JSON, ${name}`, () => {
      expect(JSON.parse(managedFieldsText(ownershipOf(entries)!))).toEqual(JSON.parse(JSON.stringify(entries.map(servedEntry))));
    });
  }

  it('is one shape for all objects of a template, and a few values for each', () => {
    const all = Array.from({ length: 1_000 }, (_, i) => ownershipOf(entriesFor(`10.0.${i >> 8}.${i & 255}`))!);
    expect(new Set(all.map(([shape]) => shape)).size).toBe(1);
    expect(all[258]!.slice(1)).toEqual([1_000, 2_000, '10.0.1.2']);
  });
});
