import { expect, it } from 'vitest';
import { managedFieldsOf } from '../../managed-fields/ownership.ts';
import type { ValidatingAdmissionPolicy } from '../../schema/generated/kinds.ts';
import { controlled } from '../../testing/controllers.ts';

const policy = (expression: string): ValidatingAdmissionPolicy => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicy',
  metadata: { name: 'p' },
  spec: {
    matchConstraints: { resourceRules: [{ operations: ['CREATE'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'] }] },
    validations: [{ expression }],
  },
});

it('A policy shows what its expressions do not know of the kinds that it matches, for its newest generation', async () => {
  const cluster = await controlled();
  await cluster.create(policy('object.spec.replicas > 1'));
  await cluster.settle();
  expect(cluster.get(policy('')).status).toEqual({ observedGeneration: 1, typeChecking: {} });
  expect(managedFieldsOf(cluster.get(policy('')))).toContainEqual(
    expect.objectContaining({ manager: 'validatingadmissionpolicy-status-controller', operation: 'Apply', subresource: 'status' }),
  );
  await cluster.edit(policy(''), (copy) => {
    copy.spec!.validations![0]!.expression = 'object.replicas > 1';
  });
  await cluster.settle();
  expect(cluster.get(policy('')).status).toEqual({
    observedGeneration: 2,
    typeChecking: {
      expressionWarnings: [
        {
          fieldRef: 'spec.validations[0].expression',
          warning: "apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'replicas'\n | object.replicas > 1\n | ......^\n",
        },
      ],
    },
  });
});
