import { describe, expect, it } from 'vitest';
import type { CertificateSigningRequest } from '../../schema/generated/kinds.ts';
import { stateOf } from '../../testing/state.ts';
import { cell, context, problems, texts } from '../../testing/strategies.ts';
import { strategy } from './certificatesigningrequest.ts';

const pem = (type: string) => Buffer.from(`-----BEGIN ${type}-----\nMIIB\n-----END ${type}-----\n`).toString('base64');
const request = (spec: object = {}, conditions: string[] = []): CertificateSigningRequest => ({
  apiVersion: 'certificates.k8s.io/v1',
  kind: 'CertificateSigningRequest',
  metadata: { name: 'csr' },
  spec: { request: pem('CERTIFICATE REQUEST'), signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'], ...spec },
  status: { conditions: conditions.map((type) => ({ type, status: 'True' })) },
});

describe('a CertificateSigningRequest', () => {
  it('says who asked, whatever the client says', () => {
    const object = request({ username: 'someone', groups: ['system:masters'] });
    strategy.prepareForCreate!(object, context(stateOf([])));
    expect(object.spec).toMatchObject({ username: 'test', groups: ['system:authenticated'] });
    expect(object.status).toEqual({});
  });

  it('stays what was asked for when it is approved', () => {
    const object = request({ signerName: 'a.b/c' }, ['Approved']);
    strategy.prepareForUpdate!(object, request(), context(stateOf([])));
    expect(object.spec).toEqual(request().spec);
    expect(object.status!.conditions).toEqual([
      { type: 'Approved', status: 'True', lastUpdateTime: '1970-01-01T00:00:00Z', lastTransitionTime: '1970-01-01T00:00:00Z' },
    ]);
  });

  it.each([
    { name: 'is valid', given: request(), want: [] },
    {
      name: 'has a request',
      given: request({ request: pem('CERTIFICATE') }),
      want: [/^spec\.request: Invalid value: ".*": PEM block type must be CERTIFICATE REQUEST$/],
    },
    {
      name: 'has usages',
      given: request({ usages: ['client auth', 'client auth', 'x'] }),
      want: [/^spec\.usages\[2\]: Unsupported value: "x"/, 'spec.usages[1]: Duplicate value: "client auth"'],
    },
    {
      name: 'has a signer',
      given: request({ signerName: 'signer' }),
      want: ['spec.signerName: Invalid value: "signer": must be a fully qualified domain and path of the form \'example.com/signer-name\''],
    },
    {
      name: 'is not approved and denied',
      given: request({}, ['Approved', 'Denied']),
      want: ['status.conditions: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive'],
    },
  ])('$name', ({ given, want }) => {
    const found = problems(strategy, given);
    expect(found).toHaveLength(want.length);
    for (const [i, text] of want.entries()) expect(found[i]).toEqual(typeof text === 'string' ? text : expect.stringMatching(text));
  });

  it('is approved through its approval only, and for good', () => {
    expect(texts(strategy.validateStatusUpdate!(request({}, ['Approved']), request()))).toEqual([
      'status.conditions: Forbidden: updates may not add a condition of type "Approved"',
    ]);
    expect(texts(strategy.validateUpdate!(request(), request({}, ['Approved'])))).toEqual([
      'status.conditions: Forbidden: updates may not remove a condition of type "Approved"',
    ]);
  });

  it('prints its condition', () => {
    expect(cell(strategy, request(), 'Condition')).toBe('Pending');
    const issued = request({ expirationSeconds: 3600 }, ['Approved']);
    expect(cell(strategy, { ...issued, status: { ...issued.status, certificate: 'x' } }, 'Condition')).toBe('Approved,Issued');
    expect(cell(strategy, issued, 'RequestedDuration')).toBe('60m');
  });
});
