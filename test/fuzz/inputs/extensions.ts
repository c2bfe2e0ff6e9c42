import { fields, type RequestInput, times } from '../input.ts';
import { LIST, MB, specOf } from './posted.ts';

const crd = specOf('/apis/apiextensions.k8s.io/v1/customresourcedefinitions');
const policy = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies';

/** What extends the API with as much of one thing as a body or a list may hold: 3 MB, 10,000 elements. Most are refused, many times over. */
export const extensionInputs: readonly RequestInput[] = [
  {
    name: 'webhooks',
    size: LIST,
    code: 422,
    request: (size) => ({
      line: 'POST /apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations?dryRun=All',
      options: { body: { metadata: { name: 'b' }, webhooks: times(size, () => ({ name: 'a.b.c' })) } },
    }),
  },
  {
    name: 'admission policy: conditions',
    size: LIST,
    code: 422,
    request: (size) =>
      specOf(policy)({
        matchConstraints: { resourceRules: [{}] },
        matchConditions: times(size, () => ({ name: 'a', expression: 'true' })),
        validations: [{ expression: 'true' }],
      }),
  },
  {
    name: 'definition: versions',
    size: LIST,
    code: 422,
    request: (size) =>
      crd({ group: 'a.b', names: { plural: 'c', kind: 'C' }, scope: 'Cluster', versions: times(size, () => ({ name: 'v1', served: true, storage: true })) }),
  },
  {
    name: 'definition: fields',
    size: 30_000,
    short: 5_000,
    code: 422,
    request: (size) =>
      crd({ group: 'a.b', versions: [{ name: 'v1', schema: { openAPIV3Schema: { type: 'object', properties: fields(size, () => ({ type: 'string' })) } } }] }),
  },
  {
    name: 'definition: unknown fields below a long one',
    size: MB,
    code: 422,
    request: (size) => crd({ versions: [{ name: 'v1', schema: { openAPIV3Schema: { properties: { ['k'.repeat(size)]: fields(size / 20, () => 1) } } } }] }),
  },
];
