import { describe, expect, it } from 'vitest';
import type { Lease, PodDisruptionBudget, PriorityClass, RuntimeClass } from '../../schema/generated/kinds.ts';
import { defaulted, newProblems, problems, texts, updateProblems } from '../../testing/strategies.ts';
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
    { name: 'a priority', given: newProblems(priorityClasses, priority('high', 1_000_000_000)), want: [] },
    {
      name: 'a priority above all users',
      given: newProblems(priorityClasses, priority('high', 1_000_000_001)),
      want: ['value: Forbidden: maximum allowed value of a user defined priority is 1000000000'],
    },
    { name: 'a priority of the system', given: newProblems(priorityClasses, priority('system-node-critical', 2_000_001_000)), want: [] },
    {
      name: 'a made up priority of the system',
      given: newProblems(priorityClasses, priority('system-x', 1)),
      want: [
        "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-x is not a known system priority class",
      ],
    },
    {
      name: 'another value',
      given: updateProblems(priorityClasses, priority('high', 2), priority('high', 1)),
      want: ['value: Forbidden: may not be changed in an update.'],
    },
    {
      name: 'a system priority for all',
      given: newProblems(priorityClasses, priority('system-node-critical', 2_000_001_000, { globalDefault: true })),
      want: [
        "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: globalDefault of system-node-critical PriorityClass must be false",
      ],
    },
    { name: 'a runtime without a handler', given: newProblems(runtimeClasses, runtimeClass('')), want: ['handler: Required value'] },
    {
      name: 'a runtime whose overhead is not of containers',
      given: newProblems(runtimeClasses, { ...runtimeClass('kata'), overhead: { podFixed: { gold: '1' } } }),
      want: [
        'overhead.limits[gold]: Invalid value: "gold": must be a standard resource type or fully qualified',
        'overhead.limits[gold]: Invalid value: "gold": must be a standard resource for containers',
      ],
    },
    {
      name: 'a runtime that tolerates twice',
      given: newProblems(runtimeClasses, {
        ...runtimeClass('kata'),
        scheduling: {
          tolerations: [
            { key: 'a', operator: 'Exists' },
            { operator: 'Exists', key: 'a' },
          ],
        },
      }),
      want: ['scheduling.tolerations[1]: Duplicate value: {"Key":"a","Operator":"Exists","Value":"","Effect":"","TolerationSeconds":null}'],
    },
    {
      name: 'a lease of an unknown strategy',
      given: problems(leases, lease({ strategy: 'Newest' })),
      want: ['spec.strategy.strategy: Unsupported value: "Newest": supported values: "OldestEmulationVersion"'],
    },
    {
      name: 'a lease that prefers without a strategy',
      given: problems(leases, lease({ preferredHolder: 'a' })),
      want: ['spec.preferredHolder: Forbidden: may only be specified if `strategy` is defined'],
    },
    {
      name: 'a budget whose conditions say nothing',
      given: texts(
        budgets.validateStatusUpdate!(
          {
            ...budget({}),
            status: {
              conditions: [
                { type: 'A', status: 'Yes', reason: 'no reason', message: '', lastTransitionTime: '2024-01-01T00:00:00Z' },
                { type: 'A', status: 'True', reason: '', message: '', lastTransitionTime: null as unknown as string },
              ],
              currentHealthy: -1,
              desiredHealthy: 0,
              disruptionsAllowed: 0,
              expectedPods: 0,
            },
          },
          budget({}),
        ),
      ),
      want: [
        'status.conditions[0].status: Unsupported value: "Yes": supported values: "False", "True", "Unknown"',
        "status.conditions[0].reason: Invalid value: \"no reason\": a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')",
        'status.conditions[1].type: Duplicate value: "A"',
        'status.conditions[1].lastTransitionTime: Required value',
        'status.conditions[1].reason: Required value',
        'status.currentHealthy: Invalid value: -1: must be greater than or equal to 0',
      ],
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
