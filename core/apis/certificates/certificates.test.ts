import { describe, expect, it } from 'vitest';
import type { CertificateSigningRequest } from '../../schema/generated/kinds.ts';
import { certificateRequest, signingRequest } from '../../testing/certificate-requests.ts';
import { stateOf } from '../../testing/state.ts';
import { cell, context, problems, texts } from '../../testing/strategies.ts';
import { pemBlocks, pemOf } from '../../x509/pem.ts';
import { strategy } from './certificatesigningrequest.ts';

const request = (spec: Partial<CertificateSigningRequest['spec']> = {}, conditions: string[] = []): CertificateSigningRequest => ({
  ...signingRequest({ commonName: 'alice' }, { request: asked, ...spec }),
  status: { conditions: conditions.map((type) => ({ type, status: 'True' })) },
});
const { request: asked } = certificateRequest({ commonName: 'alice' });
/** Its last byte is of the signature. */
const signedByAnother = Buffer.from(pemOf('CERTIFICATE REQUEST', changed(pemBlocks(Buffer.from(asked, 'base64').toString())[0]!.bytes))).toString('base64');
const issued = (certificate: string): CertificateSigningRequest => ({ ...request(), status: { conditions: [], certificate } });
const pem = (type: string) => Buffer.from(`-----BEGIN ${type}-----\nMIIB\n-----END ${type}-----\n`).toString('base64');

function changed(der: Buffer): Buffer {
  const copy = Buffer.from(der);
  copy[copy.length - 1]! ^= 1;
  return copy;
}

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
      name: 'has a request that is one',
      given: request({ request: pem('CERTIFICATE REQUEST') }),
      want: [/^spec\.request: Invalid value: ".*": asn1: syntax error: truncated tag or length$/],
    },
    {
      name: 'is signed with the key that it is for',
      given: request({ request: signedByAnother }),
      want: [/^spec\.request: Invalid value: ".*": x509: ECDSA verification failure$/],
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

  it.each([
    {
      name: 'is approved through its approval only',
      change: () => texts(strategy.validateStatusUpdate!(request({}, ['Approved']), request())),
      want: ['status.conditions: Forbidden: updates may not add a condition of type "Approved"'],
    },
    {
      name: 'is approved for good',
      change: () => texts(strategy.validateUpdate!(request(), request({}, ['Approved']), 'approval')),
      want: ['status.conditions: Forbidden: updates may not remove a condition of type "Approved"'],
    },
    {
      name: 'has failed for good',
      change: () => texts(strategy.validateStatusUpdate!(request(), request({}, ['Failed']))),
      want: ['status.conditions: Forbidden: updates may not remove a condition of type "Failed"'],
    },
    {
      name: 'gets a certificate that is one',
      change: () => texts(strategy.validateStatusUpdate!(issued(pem('CERTIFICATE')), request())),
      want: ['status.certificate: Invalid value: "<certificate data>": x509: malformed certificate'],
    },
    {
      name: 'gets certificates and nothing else',
      change: () => texts(strategy.validateStatusUpdate!(issued(pem('PRIVATE KEY')), request())),
      want: ['status.certificate: Invalid value: "<certificate data>": only CERTIFICATE PEM blocks are allowed, found "PRIVATE KEY"'],
    },
    {
      name: 'keeps its certificate',
      change: () => texts(strategy.validateStatusUpdate!(issued(''), issued('eA=='))),
      want: ['status.certificate: Forbidden: updates may not modify existing certificate content'],
    },
    {
      name: 'gets its certificate through the status only',
      change: () => texts(strategy.validateUpdate!(issued('eA=='), request(), 'approval')),
      want: ['status.certificate: Forbidden: updates may not set certificate content'],
    },
  ])('$name', ({ change, want }) => expect(change()).toEqual(want));

  it('keeps what was decided when its status is written, and says when that was', () => {
    const decided = { type: 'Approved', status: 'True', reason: 'r', lastUpdateTime: '2026-01-01T00:00:00Z', lastTransitionTime: '2026-01-01T00:00:00Z' };
    const written = {
      ...request(),
      status: {
        conditions: [
          { type: 'Approved', status: 'True', reason: 'other' },
          { type: 'Failed', status: 'True' },
        ],
      },
    };
    strategy.prepareForStatusUpdate!(written, { ...request(), status: { conditions: [decided] } }, context(stateOf([])));
    const now = '1970-01-01T00:00:00Z';
    expect(written.status.conditions).toEqual([decided, { type: 'Failed', status: 'True', lastUpdateTime: now, lastTransitionTime: now }]);
  });

  it('prints its condition', () => {
    expect(cell(strategy, request(), 'Condition')).toBe('Pending');
    const issued = request({ expirationSeconds: 3600 }, ['Approved']);
    expect(cell(strategy, { ...issued, status: { ...issued.status, certificate: 'x' } }, 'Condition')).toBe('Approved,Issued');
    expect(cell(strategy, issued, 'RequestedDuration')).toBe('60m');
  });
});
