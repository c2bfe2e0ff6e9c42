import { decide } from '../core/decide/decide.ts';
import type { Env } from '../core/env.ts';
import type { KubeObject } from '../core/kube/object.ts';
import { userNamed } from '../core/kube/user.ts';
import type { Replica } from '../core/replica/replica.ts';
import type { Certificates } from './certificates.ts';

/** The certificate of the host's authority, where the root CA publisher takes it from for every namespace. */
export const authorityOf = ({ ca }: Certificates): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'kube-root-ca.crt', namespace: 'kube-system' },
  data: { 'ca.crt': ca },
});

/** Puts the authority that is in use now where an older one was: certificates are made anew in time, and with them their authority. */
export async function publishAuthority(replica: Replica, { certificates, env }: { certificates: Certificates; env: Env }): Promise<void> {
  const wanted = authorityOf(certificates);
  await replica.commit((state, now) => {
    const published = state.get('configmaps', wanted.metadata.namespace, wanted.metadata.name);
    if (!published || published['data']?.['ca.crt'] === certificates.ca) return { events: [], answer: () => undefined };
    const object = { ...published, data: wanted['data'] };
    const { events } = decide(state, { type: 'update', resource: 'configmaps', object }, { env, now, actor: userNamed('system:apiserver') });
    return { events, answer: () => undefined };
  });
}
