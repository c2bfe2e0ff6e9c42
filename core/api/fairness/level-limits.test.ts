import { expect, it } from 'vitest';
import type { PriorityLevelConfiguration } from '../../schema/generated/kinds.ts';
import { limitsOf } from './level-limits.ts';

const level = (name: string, limited: object): [string, PriorityLevelConfiguration] => [
  name,
  {
    apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
    kind: 'PriorityLevelConfiguration',
    metadata: { name },
    spec: { type: 'Limited', limited: { ...limited, limitResponse: { type: 'Reject' } } },
  },
];

it('divides the seats by their shares, rounded up, and says what is lent and borrowed of each', () => {
  const levels = new Map([
    level('a', { nominalConcurrencyShares: 40, lendablePercent: 33 }),
    level('b', { nominalConcurrencyShares: 20, lendablePercent: 90, borrowingLimitPercent: 50 }),
    // A share that was not said.
    level('c', {}),
    level('jail', { nominalConcurrencyShares: 0, borrowingLimitPercent: 0 }),
  ]);
  expect(Object.fromEntries(limitsOf(levels, 100))).toEqual({
    a: { nominal: 45, lendable: 15, borrowing: 100 },
    b: { nominal: 23, lendable: 21, borrowing: 12 },
    c: { nominal: 34, lendable: 0, borrowing: 100 },
    jail: { nominal: 0, lendable: 0, borrowing: 0 },
  });
  expect(limitsOf(levels, 100)).toBe(limitsOf(levels, 100));
});
