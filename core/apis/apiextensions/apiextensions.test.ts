import { describe, expect, it } from 'vitest';
import type { APIService, CustomResourceDefinition } from '../../schema/generated/kinds.ts';
import { stateOf } from '../../testing/state.ts';
import { cell, context, defaulted, problems, updateProblems } from '../../testing/strategies.ts';
import { strategy as apiServices } from '../apiregistration/apiservice.ts';
import { strategy as definitions } from './customresourcedefinition.ts';

const version = (name: string, rest: object = {}) => ({ name, served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } }, ...rest });
const definition = (spec: object = {}, metadata: object = {}): CustomResourceDefinition =>
  ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'crontabs.stable.example.com', ...metadata },
    spec: { group: 'stable.example.com', names: { plural: 'crontabs', kind: 'CronTab' }, scope: 'Namespaced', versions: [version('v1')], ...spec },
  }) as CustomResourceDefinition;
const apiService = (name: string, spec: object = {}) =>
  ({
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name },
    spec: {
      group: 'metrics.k8s.io',
      version: 'v1beta1',
      groupPriorityMinimum: 100,
      versionPriority: 100,
      service: { name: 'm', namespace: 'kube-system' },
      ...spec,
    },
  }) as APIService;

describe('a CustomResourceDefinition', () => {
  it('gets the names that follow from its kind', () => {
    expect(defaulted(definitions, definition()).spec).toMatchObject({
      names: { singular: 'crontab', listKind: 'CronTabList' },
      conversion: { strategy: 'None' },
    });
  });

  it('remembers its storage versions', () => {
    const created = definition();
    definitions.prepareForCreate!(created, context(stateOf([])));
    expect(created.status).toEqual({ storedVersions: ['v1'] });
    const updated = { ...definition({ versions: [version('v1', { storage: false }), version('v2')] }), status: created.status };
    definitions.prepareForUpdate!(updated, created, context(stateOf([])));
    expect(updated.status).toEqual({ storedVersions: ['v1', 'v2'] });
  });

  it.each([
    { name: 'is valid', given: definition(), want: [] },
    {
      name: 'is named after its resource',
      given: definition({}, { name: 'x' }),
      want: ['metadata.name: Invalid value: "x": must be spec.names.plural+"."+spec.group'],
    },
    {
      name: 'has one storage version',
      given: definition({ versions: [version('v1', { storage: false })] }),
      want: [
        'spec.versions: Invalid value: [{"name":"v1","served":true,"storage":false,"schema":{"openAPIV3Schema":{"type":"object"}}}]: must have exactly one version marked as storage version',
      ],
    },
    {
      name: 'has schemas of objects',
      given: definition({ versions: [version('v1', { schema: undefined })] }),
      want: ['spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required'],
    },
    { name: 'has a scope', given: definition({ scope: 'World' }), want: ['spec.scope: Unsupported value: "World": supported values: "Cluster", "Namespaced"'] },
    {
      name: 'needs approval in a group of Kubernetes',
      given: definition({ group: 'x.k8s.io' }, { name: 'crontabs.x.k8s.io' }),
      want: [
        'metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
      ],
    },
  ])('$name', ({ given, want }) => expect(problems(definitions, given)).toEqual(want));

  it('keeps its scope once it is established', () => {
    const established = { ...definition(), status: { conditions: [{ type: 'Established', status: 'True' }] } };
    expect(updateProblems(definitions, definition({ scope: 'Cluster' }), definition())).toEqual([]);
    expect(updateProblems(definitions, definition({ scope: 'Cluster' }), established)).toEqual(['spec.scope: Invalid value: "Cluster": field is immutable']);
  });
});

describe('an APIService', () => {
  it.each([
    { name: 'is valid', given: apiService('v1beta1.metrics.k8s.io'), want: [] },
    {
      name: 'is named after its version and has a priority',
      given: apiService('x', { versionPriority: 0 }),
      want: [
        'metadata.name: Invalid value: "x": must be `spec.version+"."+spec.group`: "v1beta1.metrics.k8s.io"',
        'spec.versionPriority: Invalid value: 0: must be positive and less than 1000',
      ],
    },
  ])('$name', ({ given, want }) => expect(problems(apiServices, given)).toEqual(want));

  it('prints whether it answers', () => {
    const object = apiService('v1beta1.metrics.k8s.io');
    expect([cell(apiServices, object, 'Service'), cell(apiServices, object, 'Available')]).toEqual(['kube-system/m', 'Unknown']);
    const missing = { ...object, status: { conditions: [{ type: 'Available', status: 'False', reason: 'ServiceNotFound' }] } };
    expect(cell(apiServices, missing, 'Available')).toBe('False (ServiceNotFound)');
  });
});
