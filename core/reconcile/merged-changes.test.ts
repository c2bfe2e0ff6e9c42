import { expect, it } from 'vitest';
import type { KubeObject } from '../kube/object.ts';
import { pod } from '../testing/objects.ts';
import { mergedChanges } from './merged-changes.ts';

const of = (fields: object): KubeObject => ({ ...pod('a'), ...fields }) as KubeObject;
const condition = (type: string, status = 'True') => ({ type, status });
const conditions = (...list: object[]) => ({ status: { conditions: list } });
const meta = (fields: object) => ({ metadata: { ...pod('a').metadata, ...fields } });
const owner = (uid: string, blockOwnerDeletion = true) => ({ apiVersion: 'v1', kind: 'ConfigMap', name: uid, uid, blockOwnerDeletion });

it.each([
  {
    name: 'conditions of other types stay',
    known: conditions(condition('Ready')),
    meant: conditions(condition('Ready'), condition('DisruptionTarget')),
    current: conditions(condition('Ready', 'False')),
    want: conditions(condition('Ready', 'False'), condition('DisruptionTarget')),
  },
  {
    name: 'a condition that is taken away goes, and one that another writer has added stays',
    known: conditions(condition('a'), condition('b')),
    meant: conditions(condition('b')),
    current: conditions(condition('a'), condition('b'), condition('c')),
    want: conditions(condition('b'), condition('c')),
  },
  {
    name: 'owner references are told apart by their uids',
    known: meta({ ownerReferences: [owner('1'), owner('2')] }),
    meant: meta({ ownerReferences: [owner('2')] }),
    current: meta({ ownerReferences: [owner('1'), owner('2', false)] }),
    want: meta({ ownerReferences: [owner('2', false)] }),
  },
  {
    name: 'a finalizer that both take off is gone, and with the last one the field',
    known: meta({ finalizers: ['a/a', 'b/b'] }),
    meant: meta({ finalizers: ['b/b'] }),
    current: meta({ finalizers: ['a/a'] }),
    want: meta({}),
  },
  {
    name: 'labels are merged, and a list without keys is what is meant',
    known: { ...meta({ labels: { a: '1', b: '1' } }), spec: { containers: [], tolerations: [{ key: 'a' }] } },
    meant: { ...meta({ labels: { a: '2' } }), spec: { containers: [], tolerations: [{ key: 'b' }] } },
    current: { ...meta({ labels: { a: '1', b: '1', c: '1' } }), spec: { containers: [], tolerations: [{ key: 'c' }] } },
    want: { ...meta({ labels: { a: '2', c: '1' } }), spec: { containers: [], tolerations: [{ key: 'b' }] } },
  },
  {
    name: 'ports of one number are not told apart by it',
    known: { spec: { containers: [{ name: 'c', ports: [{ containerPort: 53, protocol: 'UDP' }] }] } },
    meant: { spec: { containers: [{ name: 'c', ports: [53, 53].map((containerPort, i) => ({ containerPort, protocol: ['UDP', 'TCP'][i] })) }] } },
    current: { spec: { containers: [{ name: 'c', image: 'b', ports: [] }] } },
    want: { spec: { containers: [{ name: 'c', image: 'b', ports: [53, 53].map((containerPort, i) => ({ containerPort, protocol: ['UDP', 'TCP'][i] })) }] } },
  },
  {
    name: 'of a custom object, what every object has is merged',
    known: { kind: 'Foo', ...meta({ finalizers: ['a/a'] }), status: { conditions: [condition('a')] } },
    meant: { kind: 'Foo', ...meta({}), status: { conditions: [condition('a'), condition('b')] } },
    current: { kind: 'Foo', ...meta({ finalizers: ['a/a', 'b/b'] }), status: { conditions: [] } },
    want: { kind: 'Foo', ...meta({ finalizers: ['b/b'] }), status: { conditions: [condition('a'), condition('b')] } },
  },
])('$name', ({ known, meant, current, want }) => {
  expect(mergedChanges({ known: of(known), meant: of(meant), current: of(current) })).toEqual(of(want));
});
