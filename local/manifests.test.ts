import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { manifestsIn, readManifests } from './manifests.ts';

const namesIn = (text: string) => manifestsIn(text, 'x.yaml').map(({ object }) => `${object.kind} ${object.metadata.name}`);

const configMap = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\n`;

describe('a text', () => {
  const accepted = [
    { name: 'with one document', text: configMap('a'), want: ['ConfigMap a'] },
    { name: 'with several, some of them empty', text: `---\n${configMap('a')}--- # next\n\n---\n${configMap('b')}---\n`, want: ['ConfigMap a', 'ConfigMap b'] },
    { name: 'of JSON', text: '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"}}', want: ['Secret a'] },
    { name: 'of nothing but comments', text: '# nothing\n', want: [] },
    { name: 'with a List', text: '{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}]}', want: ['Pod a'] },
    { name: 'with anchors', text: `${configMap('a')}data: { a: &a b, c: *a }\n`, want: ['ConfigMap a'] },
    { name: 'with a kustomization', text: 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n', want: [] },
    { name: 'with Windows line ends', text: `${configMap('a')}---\n${configMap('b')}`.replaceAll('\n', '\r\n'), want: ['ConfigMap a', 'ConfigMap b'] },
  ];
  for (const { name, text, want } of accepted) it(`${name} is read`, () => expect(namesIn(text)).toEqual(want));

  const refused = [
    { name: 'that is no YAML', text: `${configMap('a')}---\na: [b\n`, want: /^x\.yaml: yaml: line [56]: / },
    { name: 'that says a key twice', text: `${configMap('a')}kind: Secret\n`, want: /x\.yaml: .*key "kind" already set/s },
    { name: 'that is no object', text: 'just words', want: 'x.yaml: not a Kubernetes object: apiVersion and kind are missing' },
    { name: 'without a name', text: 'apiVersion: v1\nkind: Pod\n', want: 'x.yaml: Pod without metadata.name' },
    {
      name: 'with a name to be made',
      text: 'apiVersion: v1\nkind: Pod\nmetadata: { generateName: a- }',
      want: 'x.yaml: Pod a-: cannot use generateName with apply',
    },
  ];
  for (const { name, text, want } of refused) it(`${name} is refused`, () => expect(() => namesIn(text)).toThrow(want));
});

describe('files', () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'logplane-manifests-'));
  afterAll(() => rmSync(dir, { recursive: true }));
  mkdirSync(path.join(dir, 'deep/deeper'), { recursive: true });
  writeFileSync(path.join(dir, 'deep/deeper/a.yml'), configMap('a'));
  writeFileSync(path.join(dir, 'deep/namespace.yaml'), 'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n');
  writeFileSync(path.join(dir, 'deep/b.json'), '{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"b"}}');
  writeFileSync(path.join(dir, 'notes.txt'), 'not a manifest');
  mkdirSync(path.join(dir, 'empty'));

  it('are found in folders of folders, and ordered so that they can be created', async () => {
    expect((await readManifests([dir])).map(({ object }) => object.kind)).toEqual(['Namespace', 'ServiceAccount', 'ConfigMap']);
  });

  it('that are not there are named', () => expect(readManifests([path.join(dir, 'absent.yaml')])).rejects.toThrow(/the path ".*absent\.yaml" does not exist/));

  it('must be in a folder', () => expect(readManifests([path.join(dir, 'empty')])).rejects.toThrow(/no \.yaml, \.yml or \.json file in ".*empty"/));
});
