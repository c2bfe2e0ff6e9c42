import { describe, expect, it } from 'vitest';
import type { Lease, PodDisruptionBudget, PriorityClass, RuntimeClass } from '../../schema/generated/kinds.ts';
import { defaulted, problems, updateProblems } from '../../testing/strategies.ts';
import { strategy as leases } from '../coordination/lease.ts';
import { strategy as runtimeClasses } from '../node/runtimeclass.ts';
import { strategy as priorityClasses } from '../scheduling/priorityclass.ts';
import { strategy as budgets } from './poddisruptionbudget.ts';

const budget = (spec: object): PodDisruptionBudget => ({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'b' }, spec });
const priority = (name: string, value: number, rest: object = {}): PriorityClass => ({
  apiVersion: 'scheduling.k8s.io/v1',
  kind: 'PriorityClass',
  metadata: { name },
  value,
  ...rest,
});
const runtimeClass = (handler: string): RuntimeClass => ({ apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: 'r' }, handler });
const lease = (spec: object): Lease => ({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'l' }, spec });

describe('policy, scheduling, node and coordination', () => {
  const cases: { name: string; given: string[]; want: string[] }[] = [
    { name: 'a budget in percent', given: problems(budgets, budget({ minAvailable: '50%' })), want: [] },
    {
      name: 'a budget with both bounds',
      given: problems(budgets, budget({ minAvailable: 1, maxUnavailable: 1 })),
      want: [
        'spec: Invalid value: {"MinAvailable":1,"Selector":null,"MaxUnavailable":1,"UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set',
      ],
    },
    {
      name: 'a budget of more than all',
      given: problems(budgets, budget({ maxUnavailable: '120%' })),
      want: ['spec.maxUnavailable: Invalid value: "120%": must not be greater than 100%'],
    },
    { name: 'a priority', given: problems(priorityClasses, priority('high', 1_000_000_000)), want: [] },
    {
      name: 'a priority above all users',
      given: problems(priorityClasses, priority('high', 1_000_000_001)),
      want: ['value: Forbidden: maximum allowed value of a user defined priority is 1000000000'],
    },
    { name: 'a priority of the system', given: problems(priorityClasses, priority('system-node-critical', 2_000_001_000)), want: [] },
    {
      name: 'a made up priority of the system',
      given: problems(priorityClasses, priority('system-x', 1)),
      want: [
        "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-x is not a known system priority class",
      ],
    },
    {
      name: 'another value',
      given: updateProblems(priorityClasses, priority('high', 2), priority('high', 1)),
      want: ['Value: Forbidden: may not be changed in an update.'],
    },
    {
      name: 'another handler',
      given: updateProblems(runtimeClasses, runtimeClass('kata'), runtimeClass('runc')),
      want: ['handler: Invalid value: "kata": field is immutable'],
    },
    {
      name: 'a lease of no time',
      given: problems(leases, lease({ leaseDurationSeconds: 0, leaseTransitions: -1 })),
      want: [
        'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
        'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0',
      ],
    },
  ];
  it.each(cases)('$name', ({ given, want }) => expect(given).toEqual(want));

  it('preempts by default', () => expect(defaulted(priorityClasses, priority('p', 1)).preemptionPolicy).toBe('PreemptLowerPriority'));

  it('prints a budget', () => {
    const object = { ...budget({ minAvailable: '50%' }), status: { disruptionsAllowed: 2, currentHealthy: 4, desiredHealthy: 2, expectedPods: 4 } };
    expect(budgets.table!.cells(object, 0)).toEqual(['b', '50%', 'N/A', 2, '<unknown>']);
  });
});
