import { describe, expect, it } from 'vitest';
import type { FlowSchema, PriorityLevelConfiguration } from '../../schema/generated/kinds.ts';
import { defaulted, problems } from '../../testing/strategies.ts';
import { strategy as flowSchemas } from './flowschema.ts';
import { strategy as priorityLevels } from './prioritylevelconfiguration.ts';

const schema = (spec: object = {}, name = 'x') =>
  ({
    apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
    kind: 'FlowSchema',
    metadata: { name },
    spec: { priorityLevelConfiguration: { name: 'p' }, ...spec },
  }) as FlowSchema;
const level = (spec: object, name = 'x') =>
  ({ apiVersion: 'flowcontrol.apiserver.k8s.io/v1', kind: 'PriorityLevelConfiguration', metadata: { name }, spec }) as PriorityLevelConfiguration;
const rules = (rest: object) => ({
  rules: [{ subjects: [{ kind: 'User', user: { name: 'u' } }], nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz/*'] }], ...rest }],
});

describe('flow control', () => {
  it('defaults', () => {
    expect(defaulted(flowSchemas, schema()).spec!.matchingPrecedence).toBe(1000);
    expect(defaulted(priorityLevels, level({ type: 'Limited', limited: { limitResponse: { type: 'Queue', queuing: {} } } })).spec!.limited).toEqual({
      nominalConcurrencyShares: 30,
      lendablePercent: 0,
      limitResponse: { type: 'Queue', queuing: { handSize: 8, queues: 64, queueLengthLimit: 50 } },
    });
  });

  it.each([
    { name: 'a good schema', given: problems(flowSchemas, schema(rules({}))), want: [] },
    {
      name: 'the first precedence',
      given: problems(flowSchemas, schema({ matchingPrecedence: 1 })),
      want: ["spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1"],
    },
    {
      name: 'a subject of two kinds',
      given: problems(flowSchemas, schema(rules({ subjects: [{ kind: 'Group', user: { name: 'u' } }] }))),
      want: [
        "spec.rules[0].subjects[0].group: Required value: group is required when subject kind is 'Group'",
        "spec.rules[0].subjects[0].user: Forbidden: user is forbidden when subject kind is not 'User'",
      ],
    },
    {
      name: 'a wildcard within a URL',
      given: problems(flowSchemas, schema(rules({ nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/a*b'] }] }))),
      want: ['spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: "/a*b": wildcard can only do suffix matching'],
    },
    {
      name: 'resources of no namespace',
      given: problems(flowSchemas, schema(rules({ resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }] }))),
      want: ['spec.rules[0].resourceRules[0].namespaces: Required value: resource rules that are not cluster scoped must supply at least one namespace'],
    },
    { name: 'an exempt level', given: problems(priorityLevels, level({ type: 'Exempt' }, 'exempt')), want: [] },
    {
      name: 'an exempt level of another name',
      given: problems(priorityLevels, level({ type: 'Exempt' })),
      want: ["spec.type: Invalid value: \"Exempt\": type must be 'Exempt' if and only if name is 'exempt'"],
    },
    {
      name: 'a hand larger than the deck',
      given: problems(priorityLevels, level({ type: 'Limited', limited: { limitResponse: { type: 'Queue', queuing: { queues: 2, handSize: 3 } } } })),
      want: ['spec.limited.limitResponse.queuing.handSize: Invalid value: 3: should not be greater than queues (2)'],
    },
  ])('$name', ({ given, want }) => expect(given).toEqual(want));

  it('prints', () => {
    expect(flowSchemas.table!.cells(defaulted(flowSchemas, schema()), 0)).toEqual(['x', 'p', 1000, '<none>', '<unknown>', '?']);
    expect(priorityLevels.table!.cells(level({ type: 'Exempt' }), 0)).toEqual(['x', 'Exempt', '<none>', '<none>', '<none>', '<none>', '<unknown>']);
  });
});
