import { describe, expect, it } from 'vitest';
import policy from '../../controllers/control-plane/bootstrap-policy.json' with { type: 'json' };
import type { FlowSchema, PriorityLevelConfiguration } from '../../schema/generated/kinds.ts';
import { defaulted, problems } from '../../testing/strategies.ts';
import { fixedFlowSchemas, fixedPriorityLevels } from './fixed-specs.ts';
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
      want: ["spec.type: Invalid value: \"Exempt\": must be 'Exempt' if and only if `name` is 'exempt'"],
    },
    {
      name: 'a hand larger than the deck',
      given: problems(priorityLevels, level({ type: 'Limited', limited: { limitResponse: { type: 'Queue', queuing: { queues: 2, handSize: 3 } } } })),
      want: ['spec.limited.limitResponse.queuing.handSize: Invalid value: 3: should not be greater than queues (2)'],
    },
    {
      name: 'hands that a hash has not bits for',
      given: problems(priorityLevels, level({ type: 'Limited', limited: { limitResponse: { type: 'Queue', queuing: { queues: 512, handSize: 7 } } } })),
      want: [
        'spec.limited.limitResponse.queuing.handSize: Invalid value: 7: required entropy bits of deckSize 512 and handSize 7 should not be greater than 60',
      ],
    },
    {
      name: 'a distinguisher of another kind',
      given: problems(flowSchemas, schema({ distinguisherMethod: { type: 'ByMood' } })),
      want: ['spec.distinguisherMethod.type: Unsupported value: {"Type":"ByMood"}: supported values: "ByNamespace", "ByUser"'],
    },
    {
      name: 'an account without a name',
      given: problems(flowSchemas, schema(rules({ subjects: [{ kind: 'ServiceAccount', serviceAccount: {}, group: { name: 'g' } }] }))),
      want: [
        'spec.rules[0].subjects[0].serviceAccount.name: Required value',
        'spec.rules[0].subjects[0].serviceAccount.namespace: Required value: must specify namespace for service account',
        "spec.rules[0].subjects[0].group: Forbidden: group is forbidden when subject kind is not 'Group'",
      ],
    },
    { name: 'the exempt level lends', given: problems(priorityLevels, level({ type: 'Exempt', exempt: { lendablePercent: 50 } }, 'exempt')), want: [] },
    {
      name: 'the last schema with another precedence',
      given: problems(flowSchemas, schema({ matchingPrecedence: 9999, priorityLevelConfiguration: { name: 'catch-all' } }, 'catch-all')),
      want: [
        'spec: Invalid value: {"PriorityLevelConfiguration":{"Name":"catch-all"},"MatchingPrecedence":9999,"DistinguisherMethod":null,"Rules":null}: spec of \'catch-all\' must equal the fixed value',
      ],
    },
    {
      name: 'an annotation of another version',
      given: problems(priorityLevels, {
        ...level({ type: 'Exempt' }, 'exempt'),
        metadata: { name: 'exempt', annotations: { 'flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares': '' } },
      }),
      want: ["metadata.annotations: Forbidden: annotation 'flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares' is forbidden"],
    },
  ])('$name', ({ given, want }) => expect(given).toEqual(want));

  it('has the fixed objects that a new cluster has', () => {
    const fixed = (kind: string, name: string) =>
      (policy as unknown as FlowSchema[]).find((object) => object.kind === kind && object.metadata.name === name)!.spec;
    for (const name of ['exempt', 'catch-all']) {
      expect(fixedFlowSchemas[name]).toEqual(fixed('FlowSchema', name));
      expect(fixedPriorityLevels[name]).toEqual(fixed('PriorityLevelConfiguration', name));
    }
  });

  it('prints', () => {
    expect(flowSchemas.table!.cells(defaulted(flowSchemas, schema()), 0)).toEqual(['x', 'p', 1000, '<none>', '<unknown>', '?']);
    expect(priorityLevels.table!.cells(level({ type: 'Exempt' }), 0)).toEqual(['x', 'Exempt', '<none>', '<none>', '<none>', '<none>', '<unknown>']);
  });
});
