import { createHash } from 'node:crypto';
import { constants, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { clusterInstant } from '../instant.ts';
import { objectOf } from '../kube/fields.ts';
import { userNamed } from '../kube/user.ts';
import { FieldSet } from '../managed-fields/field-set.ts';
import { headOf } from '../managed-fields/managed-entry.ts';
import { CorruptEntry, decodeEntry, encodeEntry } from './codec.ts';
import { dictionary1 } from './dictionary.ts';
import type { LogEvent } from './event.ts';
import type { LogEntry } from './log.ts';

const entry: LogEntry = {
  offset: 42,
  time: clusterInstant(1_762_257_600_000),
  writer: 'w-1',
  events: [
    {
      type: 'ADDED',
      key: 'configmaps/default/a',
      object: objectOf({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { text: 'žluťoučký 🐎\u0000\n' } }),
      actor: userNamed('admin'),
    },
    { type: 'MODIFIED', key: 'configmaps/default/a', patch: { data: { text: null } }, actor: userNamed('admin'), cause: 41 },
    { type: 'DELETED', key: 'configmaps/default/a', actor: userNamed('admin') },
  ],
};

describe('an encoded entry', () => {
  it('decodes to the same entry', () => {
    expect(decodeEntry(encodeEntry(entry))).toStrictEqual(entry);
  });

  it('says once who wrote many of its events, however much is known of them', () => {
    const user = { username: 'alice', uid: '4711', groups: ['developers', 'system:authenticated'], extra: { scopes: ['a', 'b'] } };
    const other = { username: 'alice', groups: ['system:masters'] };
    const events = Array.from({ length: 100 }, (_, i): LogEvent => ({ type: 'DELETED', key: `pods/default/p-${i}`, actor: i === 50 ? other : { ...user } }));
    const byMany = { ...entry, events };
    expect(decodeEntry(encodeEntry(byMany))).toStrictEqual(byMany);
    const byName = { ...entry, events: events.map((event) => ({ ...event, actor: userNamed('alice') })) };
    expect(encodeEntry(byMany).length - encodeEntry(byName).length).toBeLessThan(200);
  });

  it('says who manages what, where that does not follow from the rest', () => {
    const [added, modified, deleted] = entry.events;
    const head = headOf({ manager: 'm', operation: 'Update', apiVersion: 'v1' });
    const managed: LogEntry = {
      ...entry,
      events: [
        { ...added!, manager: { name: 'kubectl' }, unowned: FieldSet.of(['f:data', 'f:text']) },
        { ...modified!, manager: { name: 'helm', operation: 'Apply', apiVersion: 'v2' }, applied: FieldSet.of(['f:data'], ['f:data', 'f:a']) },
        { ...modified!, manager: { name: '', subresource: 'status' }, managedFields: [{ head, time: 1_762_257_600, set: FieldSet.of(['f:data']) }] },
        deleted!,
      ],
    };
    expect(decodeEntry(encodeEntry(managed))).toEqual(managed);
  });

  it('of a status has little more by its manager', () => {
    const status = { phase: 'Running', podIP: '10.244.0.17', conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-11-04T12:00:03Z' }] };
    const event: LogEvent = { type: 'MODIFIED', key: 'pods/default/web-7d4b9', patch: { status }, actor: userNamed('system:node:node-1'), cause: 41 };
    const managed: LogEvent = { ...event, manager: { name: 'kubelet', subresource: 'status' } };
    const bytes = (of: LogEvent) => encodeEntry({ ...entry, events: [of] }).length;
    expect(bytes(managed)).toBeLessThan(1.3 * bytes(event));
  });

  it('starts with the number of its format', () => {
    expect(encodeEntry(entry)[0]).toBe(1);
  });

  it('is a view that stands anywhere in a buffer', () => {
    const bytes = encodeEntry(entry);
    const buffer = new Uint8Array(bytes.length + 20);
    buffer.set(bytes, 7);
    expect(decodeEntry(buffer.subarray(7, 7 + bytes.length))).toStrictEqual(entry);
  });

  it('profits from the dictionary when it is small', () => {
    const json = JSON.stringify(entry);
    expect(encodeEntry(entry).length).toBeLessThan(0.75 * zstdCompressSync(json).length);
  });
});

describe('bytes that are not an entry', () => {
  const frame = (json: string) => {
    const params = { [constants.ZSTD_c_checksumFlag]: 1 };
    return Buffer.concat([Uint8Array.of(1), zstdCompressSync(json, { params, dictionary: Buffer.from(dictionary1) })]);
  };
  const cases: { name: string; given: Uint8Array; want: RegExp }[] = [
    { name: 'nothing', given: new Uint8Array(), want: /empty/ },
    { name: 'a later format', given: Uint8Array.of(9, 1, 2, 3), want: /format 9/ },
    { name: 'no zstd frame', given: Uint8Array.of(1, 2, 3), want: /cannot be decoded/ },
    { name: 'a format without a frame', given: Uint8Array.of(1), want: /cannot be decoded/ },
    { name: 'no JSON', given: frame('{'), want: /cannot be decoded/ },
    { name: 'JSON of something else', given: frame('null'), want: /not an entry/ },
    { name: 'an entry without events', given: frame('{"offset":1,"time":1,"writer":"w","events":[]}'), want: /not an entry/ },
  ];
  for (const { name, given, want } of cases) {
    it(name, () => {
      expect(() => decodeEntry(given)).toThrow(CorruptEntry);
      expect(() => decodeEntry(given)).toThrow(want);
    });
  }

  it('any flipped bit and any missing tail', () => {
    const bytes = encodeEntry(entry);
    for (let i = 0; i < bytes.length; i++) {
      const flipped = bytes.slice();
      flipped[i]! ^= 1 << (i % 8);
      // A bit that zstd's header does not use may decode, but then to the very same entry.
      expect(outcome(flipped), `bit ${i % 8} of byte ${i}`).toBeOneOf(['corrupt', JSON.stringify(entry)]);
      expect(outcome(bytes.subarray(0, i)), `${i} bytes`).toBe('corrupt');
    }
  });

  function outcome(bytes: Uint8Array): string {
    try {
      return JSON.stringify(decodeEntry(bytes));
    } catch (error) {
      expect(error).toBeInstanceOf(CorruptEntry);
      return 'corrupt';
    }
  }
});

it('the dictionary of format 1 never changes: logs written with it could not be read any more', () => {
  expect(createHash('sha256').update(dictionary1).digest('hex')).toBe('d98201a29a98ccba0ce12150e734c3ce06d2c52c70a6611d7939c16a2851f929');
});
