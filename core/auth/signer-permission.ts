import type { User } from '../kube/user.ts';
import type { State } from '../state/state.ts';
import { clusterAuthorizer } from './cluster-authorizer.ts';

/** Whether a user may approve, sign or attest for a signer: for that one, or for all of its domain (`example.com/*`; pkg/certauthorization). */
export function maySpeakFor(signerName: string, { user, verb, state }: { user: User; verb: 'approve' | 'sign' | 'attest'; state: State }): boolean {
  const domain = signerName.split('/', 1)[0];
  return [signerName, `${domain}/*`].some(
    (name) => clusterAuthorizer.authorize({ user, verb, group: 'certificates.k8s.io', version: '*', resource: 'signers', name }, state).allowed,
  );
}
