import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { transactionOf } from './transaction.ts';

it('a Transaction has manifests as they were written, namespaces and definitions first, and other steps', () => {
  const manifests = `# settings
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data:
  text: |
    one

      two
  number: "007"
---
{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "b"}}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop}
`;
  const step = { delete: { target: { apiVersion: 'v1', kind: 'Node', name: 'node: 1' } } };
  const apply = (object: object) => ({ apply: { force: true, fieldManager: 'logplane-page', object } });
  expect(parse(transactionOf({ manifests, steps: [step], force: true }))).toEqual({
    apiVersion: 'logplane.dev/v1',
    kind: 'Transaction',
    metadata: { generateName: 'page-' },
    spec: {
      steps: [
        apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }),
        apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { text: 'one\n\n  two\n', number: '007' } }),
        apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'b' } }),
        step,
      ],
    },
  });
});
