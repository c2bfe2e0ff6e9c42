import { describe, expect, it } from 'vitest';
import type { UpdateMutation } from '../apis/mutation.ts';
import { bootstrapPolicy } from '../controllers/control-plane/bootstrap-policy.ts';
import { StatusError } from '../kube/status.ts';
import { controllerUser, type User } from '../kube/user.ts';
import type { CertificateSigningRequest } from '../schema/generated/kinds.ts';
import { type Asked, signingRequest } from '../testing/certificate-requests.ts';
import { decision, kept, stateWith } from '../testing/decisions.ts';
import { countingEnv, START } from '../testing/env.ts';

const RESOURCE = 'certificatesigningrequests.certificates.k8s.io';
const there = kept(signingRequest({ commonName: 'alice' }));
const bob: User = { username: 'bob', groups: ['system:authenticated'] };
const admin: User = { username: 'admin', groups: ['system:masters'] };
const signer = controllerUser('certificate-controller');

/** The controllers' own roles. */
const roles = bootstrapPolicy().map((object) => kept(object));

/** What a write is refused with; undefined: it is not. */
function refusal(write: Parameters<typeof decision>[1], actor: User): string | undefined {
  try {
    decision(stateWith(there, ...roles), write, { env: countingEnv(), now: START, actor });
    return undefined;
  } catch (error) {
    if (error instanceof StatusError) return error.message;
    throw error;
  }
}

const update = (subresource: 'approval' | 'status', status: CertificateSigningRequest['status']): UpdateMutation<typeof RESOURCE> => ({
  type: 'update',
  resource: RESOURCE,
  subresource,
  object: { ...there, metadata: { name: there.metadata.name, labels: { a: 'b' } }, ...(status && { status }) },
});
const condition = (type: string) => ({ conditions: [{ type, status: 'True', reason: 'r' }] });

const forbidden = (why: string) => `certificatesigningrequests.certificates.k8s.io "csr" is forbidden: ${why}`;
const NOT_SIGN = forbidden('user not permitted to sign requests with signerName "kubernetes.io/kube-apiserver-client"');

describe('a request for a certificate', () => {
  it.each<{ name: string; write: UpdateMutation<typeof RESOURCE>; actor: User; want: string | undefined }>([
    {
      name: 'is not approved by those who may not speak for its signer',
      write: update('approval', condition('Approved')),
      actor: bob,
      want: forbidden('user not permitted to approve requests with signerName "kubernetes.io/kube-apiserver-client"'),
    },
    { name: 'is approved by who may', write: update('approval', condition('Approved')), actor: admin, want: undefined },
    { name: 'does not fail by those who may not sign', write: update('status', condition('Failed')), actor: bob, want: NOT_SIGN },
    { name: "fails by the cluster's own signer", write: update('status', condition('Failed')), actor: signer, want: undefined },
    { name: 'may be labelled with its status by those who may not sign', write: update('status', there.status), actor: bob, want: undefined },
  ])('$name', ({ write, actor, want }) => expect(refusal(write, actor)).toBe(want));

  it.each<{ asked: Asked; signerName: string; want: string | undefined }>([
    {
      asked: { organization: ['system:masters'] },
      signerName: 'kubernetes.io/kube-apiserver-client',
      want: forbidden('use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed').replace('"csr"', '"new"'),
    },
    {
      asked: { organization: ['developers', 'system:masters'] },
      signerName: 'kubernetes.io/kube-apiserver-client',
      want: forbidden('use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed').replace('"csr"', '"new"'),
    },
    { asked: { organization: ['developers'] }, signerName: 'kubernetes.io/kube-apiserver-client', want: undefined },
    { asked: { organization: ['system:masters'] }, signerName: 'example.com/people', want: undefined },
  ])('of $asked.organization for $signerName', ({ asked, signerName, want }) => {
    const object = signingRequest(asked, { signerName }, 'new');
    expect(refusal({ type: 'create', resource: RESOURCE, object }, admin)).toBe(want);
  });
});
