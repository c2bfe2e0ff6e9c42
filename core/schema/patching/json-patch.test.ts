import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { StatusError } from '../../kube/status.ts';
import { jsonPatch } from './json-patch.ts';
import { applyOperations, operationsOf } from './json-patch-operations.ts';

const object = { metadata: { name: 'a', labels: { 'x/y': '1', 'c~d': '2' } }, spec: { replicas: 1, list: ['a', 'b', 'c'] } };

function statusOf(given: object, patch: unknown) {
  try {
    jsonPatch(given, patch);
  } catch (error) {
    return (error as StatusError).status;
  }
  throw new Error('applied');
}

describe('jsonPatch', () => {
  const cases: { name: string; patch: object[]; want: (o: typeof object) => unknown; is: unknown }[] = [
    { name: 'add', patch: [{ op: 'add', path: '/spec/paused', value: true }], want: (o) => o.spec, is: { replicas: 1, list: ['a', 'b', 'c'], paused: true } },
    { name: 'add over a value', patch: [{ op: 'add', path: '/spec/replicas', value: 3 }], want: (o) => o.spec.replicas, is: 3 },
    { name: 'add into a list', patch: [{ op: 'add', path: '/spec/list/1', value: 'x' }], want: (o) => o.spec.list, is: ['a', 'x', 'b', 'c'] },
    { name: 'add at the end of a list', patch: [{ op: 'add', path: '/spec/list/-', value: 'x' }], want: (o) => o.spec.list, is: ['a', 'b', 'c', 'x'] },
    { name: 'remove', patch: [{ op: 'remove', path: '/spec/list/0' }], want: (o) => o.spec.list, is: ['b', 'c'] },
    { name: 'replace', patch: [{ op: 'replace', path: '/spec/list/0', value: 'x' }], want: (o) => o.spec.list, is: ['x', 'b', 'c'] },
    {
      name: 'escaped slashes and tildes',
      patch: [
        { op: 'replace', path: '/metadata/labels/x~1y', value: '3' },
        { op: 'remove', path: '/metadata/labels/c~0d' },
      ],
      want: (o) => o.metadata.labels,
      is: { 'x/y': '3' },
    },
    { name: 'move', patch: [{ op: 'move', from: '/spec/list/0', path: '/metadata/name' }], want: (o) => [o.spec.list, o.metadata.name], is: [['b', 'c'], 'a'] },
    {
      name: 'copy',
      patch: [
        { op: 'copy', from: '/spec/list', path: '/spec/other' },
        { op: 'add', path: '/spec/other/-', value: 'x' },
      ],
      want: (o) => o.spec,
      is: { replicas: 1, list: ['a', 'b', 'c'], other: ['a', 'b', 'c', 'x'] },
    },
    {
      name: 'test that holds',
      patch: [
        { op: 'test', path: '/spec/replicas', value: 1 },
        { op: 'replace', path: '/spec/replicas', value: 2 },
      ],
      want: (o) => o.spec.replicas,
      is: 2,
    },
    {
      name: 'test of absence',
      patch: [
        { op: 'test', path: '/metadata/annotations', value: null },
        { op: 'add', path: '/metadata/annotations', value: {} },
      ],
      want: (o) => o.metadata,
      is: { ...object.metadata, annotations: {} },
    },
    {
      name: 'replace what is not there',
      patch: [{ op: 'replace', path: '/spec/paused', value: true }],
      want: (o) => o.spec,
      is: { ...object.spec, paused: true },
    },
    { name: 'no value', patch: [{ op: 'add', path: '/spec/x' }], want: (o) => o.spec, is: { ...object.spec, x: null } },
    { name: 'copy from the prototype', patch: [{ op: 'copy', from: '/toString', path: '/spec/x' }], want: (o) => o.spec, is: { ...object.spec, x: null } },
    { name: 'an index from the end', patch: [{ op: 'remove', path: '/spec/list/-1' }], want: (o) => o.spec.list, is: ['a', 'b'] },
    { name: 'the whole document', patch: [{ op: 'replace', path: '', value: { kind: 'X' } }], want: (o) => o, is: { kind: 'X' } },
  ];
  for (const { name, patch, want, is } of cases) {
    it(name, () => {
      const before = structuredClone({ object, patch });
      expect(want(jsonPatch(object, patch))).toEqual(is);
      expect({ object, patch }).toEqual(before);
    });
  }

  const rejected: [name: string, patch: object[]][] = [
    ['a test that fails', [{ op: 'test', path: '/spec/replicas', value: 2 }]],
    ['a test of something that is not there', [{ op: 'test', path: '/spec/nope', value: 2 }]],
    ['removing what is not there', [{ op: 'remove', path: '/spec/nope' }]],
    ['adding below what is not there', [{ op: 'add', path: '/status/phase', value: 1 }]],
    ['adding beyond the end of a list', [{ op: 'add', path: '/spec/list/9', value: 1 }]],
    ['a field of a list', [{ op: 'replace', path: '/spec/list/length', value: 0 }]],
    ['an unknown operation', [{ op: 'frobnicate', path: '/spec' }]],
    ['no path', [{ op: 'remove' }]],
    ['a path without a slash', [{ op: 'remove', path: 'spec' }]],
    ['no from', [{ op: 'copy', path: '/spec/x' }]],
    ['moving a value into itself', [{ op: 'move', from: '/spec', path: '/spec/x' }]],
    ['removing the whole document', [{ op: 'remove', path: '' }]],
    ['the prototype', [{ op: 'add', path: '/__proto__/polluted', value: 1 }]],
    ['the constructor', [{ op: 'add', path: '/constructor/polluted', value: 1 }]],
    ['doubling a list until it fills the memory', [...Array(40)].map(() => ({ op: 'copy', from: '/spec/list', path: '/spec/list/-' }))],
  ];
  for (const [name, patch] of rejected) {
    it(`rejects ${name}`, () => {
      expect(statusOf(object, patch)).toEqual({
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'the server rejected our request due to an error in our request',
        reason: 'Invalid',
        details: {},
        code: 422,
      });
      expect((Object as unknown as Record<string, unknown>)['polluted'] ?? ({} as Record<string, unknown>)['polluted']).toBeUndefined();
    });
  }

  it('refuses what is no patch', () => {
    expect(statusOf(object, { op: 'add' })).toMatchObject({ code: 400, reason: 'BadRequest', message: expect.stringContaining('cannot unmarshal object') });
    expect(statusOf(object, ['x'])).toMatchObject({ code: 400 });
    expect(statusOf(object, Array(10_001).fill({ op: 'test', path: '', value: object }))).toMatchObject({
      code: 413,
      reason: 'RequestEntityTooLarge',
      message: 'The allowed maximum operations in a JSON patch is 10000, got 10001',
    });
  });
});

describe('operations, as evanphx/json-patch v4 applies them', () => {
  const [first, ...cases] = readFileSync(new URL('testdata/json-patch.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n');
  const { document } = JSON.parse(first!) as { document: object };

  it(`${cases.length} patches have the result, or the error, that the library recorded`, () => {
    for (const line of cases) {
      const { patch, ...want } = JSON.parse(line) as { patch: unknown; is?: unknown; error?: string };
      expect({ patch, ...outcome(patch) }).toEqual({ patch, ...want });
    }
  });

  function outcome(patch: unknown): { is?: unknown; error?: string } {
    try {
      return { is: applyOperations(document, operationsOf(patch)) };
    } catch (error) {
      return { error: (error as Error).message };
    }
  }
});
