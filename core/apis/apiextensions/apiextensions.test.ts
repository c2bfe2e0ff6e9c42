import { describe, expect, it } from 'vitest';
import type { APIService, CustomResourceDefinition } from '../../schema/generated/kinds.ts';
import { stateOf } from '../../testing/state.ts';
import { cell, context, defaulted, problems, texts } from '../../testing/strategies.ts';
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

/** As it is to be stored: with its defaults, and the status of a new one. */
function stored(given: CustomResourceDefinition): CustomResourceDefinition {
  const copy = defaulted(definitions, given);
  definitions.prepareForCreate!(copy, context(stateOf([])));
  return copy;
}
const refusals = (given: CustomResourceDefinition) => texts(definitions.validate!(stored(given)));
const withSchema = (...properties: object[]) =>
  definition({
    versions: properties.map((one, i) => version(`v${i + 1}`, { storage: i === 0, schema: { openAPIV3Schema: { type: 'object', properties: one } } })),
  });

describe('a CustomResourceDefinition', () => {
  it('gets the names that follow from its kind', () => {
    expect(defaulted(definitions, definition()).spec).toMatchObject({
      names: { singular: 'crontab', listKind: 'CronTabList' },
      conversion: { strategy: 'None' },
    });
  });

  it('remembers its storage versions', () => {
    const created = stored(definition());
    expect(created.status).toEqual({ conditions: null, acceptedNames: { plural: '', kind: '' }, storedVersions: ['v1'] });
    const updated = { ...definition({ versions: [version('v1', { storage: false }), version('v2')] }), status: created.status! };
    definitions.prepareForUpdate!(updated, created, context(stateOf([])));
    expect(updated.status.storedVersions).toEqual(['v1', 'v2']);
  });

  it.each([
    { name: 'is valid', given: definition(), want: [] },
    {
      name: 'has one storage version',
      given: definition({ versions: [version('v1', { storage: false })] }),
      want: [
        'spec.versions: Invalid value: [{"Name":"v1","Served":true,"Storage":false,"Deprecated":false,"DeprecationWarning":null,"Schema":null,"Subresources":null,"AdditionalPrinterColumns":null,"SelectableFields":null}]: must have exactly one version marked as storage version',
        'status.storedVersions: Invalid value: null: must have at least one stored version',
      ],
    },
    {
      name: 'has schemas',
      given: definition({ versions: [version('v1', { schema: undefined })] }),
      want: ['spec.versions[0].schema.openAPIV3Schema: Required value'],
    },
    { name: 'has a scope', given: definition({ scope: 'World' }), want: ['spec.scope: Unsupported value: "World": supported values: "Cluster", "Namespaced"'] },
    {
      name: 'needs approval in a group of Kubernetes',
      given: definition({ group: 'x.k8s.io' }, { name: 'crontabs.x.k8s.io' }),
      want: [
        'metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
      ],
    },
    {
      name: 'is told of a schema that all versions have at the top',
      given: withSchema({ a: { type: 'array' } }, { a: { type: 'array' } }),
      want: ['spec.validation.openAPIV3Schema.properties[a].items: Required value: must be specified'],
    },
    {
      name: 'is told of a schema of its own at its version',
      given: withSchema({ a: { type: 'string' } }, { a: { type: 'array' } }),
      want: ['spec.versions[1].schema.openAPIV3Schema.properties[a].items: Required value: must be specified'],
    },
    {
      name: 'says more than names of the metadata',
      given: withSchema({ metadata: { type: 'object', properties: { labels: { type: 'object' } } } }),
      want: [
        'spec.validation.openAPIV3Schema.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified',
      ],
    },
    {
      name: 'has an alternative with a type',
      given: withSchema({ a: { type: 'object', anyOf: [{ type: 'string' }, { properties: { b: { minimum: 1 } } }] } }),
      want: ['spec.validation.openAPIV3Schema.properties[a].anyOf[0].type: Forbidden: must be empty to be structural'],
    },
    {
      name: 'takes the one way to say an integer or a string',
      given: withSchema({ a: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] } }),
      want: [],
    },
    {
      name: 'has a pattern that RE2 does not take',
      given: withSchema({ a: { type: 'string', pattern: '(?=a)' } }),
      want: [
        expect.stringMatching(
          /^spec\.validation\.openAPIV3Schema\.properties\[a\]\.pattern: Invalid value: "\(\?=a\)": must be a valid regular expression, but isn't: error parsing regexp: /,
        ),
      ],
    },
    {
      name: 'has keys without values that a list is a map by',
      given: withSchema({
        a: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['k', 'n'],
          items: { type: 'object', properties: { k: { type: 'string' } } },
        },
      }),
      want: [
        'spec.validation.openAPIV3Schema.properties[a].x-kubernetes-list-map-keys: Invalid value: ["k","n"]: entries must all be names of item properties',
        'spec.validation.openAPIV3Schema.properties[a].items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
      ],
    },
    {
      name: 'has defaults that its own schema refuses',
      given: withSchema({ a: { type: 'object', properties: { b: { type: 'integer' } }, default: { b: 'x' } } }),
      want: ['spec.validation.openAPIV3Schema.properties[a].default.b: Invalid value: "string": b in body must be of type integer: "string"'],
    },
    {
      name: 'has a column without a type',
      given: definition({ versions: [version('v1', { additionalPrinterColumns: [{ name: 'A', type: 'text', jsonPath: 'spec' }] })] }),
      want: [
        'spec.additionalPrinterColumns[0].type: Invalid value: "text": must be one of boolean,date,integer,number,string',
        'spec.additionalPrinterColumns[0].JSONPath: Invalid value: "spec": must be a simple json path starting with .',
      ],
    },
    {
      name: 'selects by what is in a list',
      given: definition({
        versions: [
          version('v1', {
            schema: { openAPIV3Schema: { type: 'object', properties: { l: { type: 'array', items: { type: 'string' } } } } },
            selectableFields: [{ jsonPath: '.l' }, { jsonPath: '.l[0]' }, { jsonPath: '.none' }],
          }),
        ],
      }),
      want: [
        'spec.selectableFields[0].jsonPath: Invalid value: ".l": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
        'spec.selectableFields[1].jsonPath: Invalid value: ".l[0]": is an invalid path: array notation is not allowed',
        'spec.selectableFields[2].jsonPath: Invalid value: ".none": is an invalid path: does not refer to a valid field',
      ],
    },
  ])('$name', ({ given, want }) => expect(refusals(given)).toEqual(want));

  it('keeps its scope once it is established', () => {
    const established = stored(definition());
    established.status = { ...established.status, conditions: [{ type: 'Established', status: 'True' }] };
    const cluster = { ...stored(definition({ scope: 'Cluster' })) };
    expect(texts(definitions.validateChange!(cluster, stored(definition())))).toEqual([]);
    expect(texts(definitions.validateChange!(cluster, established))).toEqual(['spec.scope: Invalid value: "Cluster": field is immutable']);
  });

  it('may keep what it was accepted with, and add nothing like it', () => {
    const loose = stored(withSchema({ a: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'object' } } }));
    const more = stored(withSchema({ a: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'object' } }, b: { type: 'thing' } }));
    expect(texts(definitions.validateChange!(loose, loose))).toEqual([]);
    expect(texts(definitions.validateChange!(more, loose))).toEqual([
      'spec.validation.openAPIV3Schema.properties[b].type: Unsupported value: "thing": supported values: "array", "boolean", "integer", "number", "object", "string"',
    ]);
  });
});

describe('an APIService', () => {
  it.each([
    { name: 'is valid', given: apiService('v1beta1.metrics.k8s.io'), want: [] },
    {
      name: 'has a priority',
      given: apiService('v1beta1.metrics.k8s.io', { versionPriority: 0 }),
      want: ['spec.versionPriority: Invalid value: 0: must be positive and less than 1000'],
    },
  ])('$name', ({ given, want }) => expect(problems(apiServices, given)).toEqual(want));

  it('prints whether it answers', () => {
    const object = apiService('v1beta1.metrics.k8s.io');
    expect([cell(apiServices, object, 'Service'), cell(apiServices, object, 'Available')]).toEqual(['kube-system/m', 'Unknown']);
    const missing = { ...object, status: { conditions: [{ type: 'Available', status: 'False', reason: 'ServiceNotFound' }] } };
    expect(cell(apiServices, missing, 'Available')).toBe('False (ServiceNotFound)');
  });
});
