import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { statusInYaml } from './status-text.ts';

const CASES = [
  { message: 'deployments.apps "web" not found', reason: 'NotFound', details: { name: 'web', kind: 'deployments', group: 'apps' } },
  { message: "it's: so\t# really", reason: 'Invalid' },
  { message: 'two\n\n  lines: of it\n- here' },
  {
    message: 'Deployment.apps "web" is invalid: [spec.replicas: "many", metadata.name: \'x\']',
    reason: 'Invalid',
    details: {
      causes: [
        { reason: 'FieldValueInvalid', field: 'spec.replicas', message: 'Invalid value: "many"\nmore: of it' },
        { reason: 'FieldValueInvalid', message: 'without a field' },
        { reason: 'FieldValueRequired', field: 'metadata.name', message: 'Required value' },
      ],
      kind: 'Deployment',
      name: 'web',
    },
  },
];

for (const { message, reason, details } of CASES)
  it(`a Status is read from the YAML that the server writes: ${JSON.stringify(message)}`, () => {
    const status = { apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Failure', code: 422, message, reason, details };
    // As core/api/codec/yaml.ts has it.
    const text = stringify(status, { version: '1.1', sortMapEntries: true, indentSeq: false, lineWidth: 0 });
    const told = statusInYaml(text);
    expect(told?.message).toBe(message);
    expect(told?.reason).toBe(reason);
    expect(told?.details?.causes ?? []).toEqual((details?.causes ?? []).map(({ reason: _, ...cause }) => cause));
  });

it('another object, or no YAML, is no Status', () => {
  expect(statusInYaml('kind: Pod\nmessage: a\n')).toBeUndefined();
  expect(statusInYaml('<html>Bad gateway</html>')).toBeUndefined();
});
