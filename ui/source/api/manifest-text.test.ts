import { describe, expect, it } from 'vitest';
import { documentsOf, manifestOf, withoutManagedFields } from './manifest-text.ts';

const OBJECT = `apiVersion: v1
data:
  managedFields: this stays
kind: ConfigMap
metadata:
  creationTimestamp: "2026-11-27T03:00:26Z"
  labels:
    uid: this stays
  managedFields:
  - apiVersion: v1
    fieldsV1:
      f:data: {}
    manager: a
  - manager: b
  name: a
  uid: 9d63e306
`;

describe('the text of an object', () => {
  it('is shown without who owns which field', () => {
    expect(withoutManagedFields(OBJECT)).toBe(`apiVersion: v1
data:
  managedFields: this stays
kind: ConfigMap
metadata:
  creationTimestamp: "2026-11-27T03:00:26Z"
  labels:
    uid: this stays
  name: a
  uid: 9d63e306
`);
  });

  it('is applied elsewhere without what a server sets', () => {
    expect(manifestOf(`${withoutManagedFields(OBJECT)}status:\n  phase: Active\n  uid: x\n`)).toBe(`apiVersion: v1
data:
  managedFields: this stays
kind: ConfigMap
metadata:
  labels:
    uid: this stays
  name: a
`);
  });
});

describe('the documents of a text', () => {
  const check = (text: string) => documentsOf(text).map((document) => [document.line, document.text]);

  it.each([
    { name: 'one', given: 'a: 1\n', want: [[1, 'a: 1\n']] },
    { name: 'none, where only comments stand', given: '# a\n---\n\n---\n', want: [] },
    {
      name: 'several, with where they begin',
      given: '---\na: 1\n--- # next\nb: |\n  --- no end\n...\n---\nc: 3',
      want: [
        [2, 'a: 1'],
        [4, 'b: |\n  --- no end'],
        [8, 'c: 3'],
      ],
    },
  ])('$name', ({ given, want }) => expect(check(given)).toEqual(want));
});
