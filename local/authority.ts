import type { AskPort } from '../core/admission/ask.ts';
import type { AdmissionPlugin } from '../core/admission/plugin.ts';
import { update } from '../core/apis/mutation.ts';
import { decide } from '../core/decide/decide.ts';
import { type Asking, isAsking } from '../core/decide/decision.ts';
import { inRounds } from '../core/decide/rounds.ts';
import type { Env } from '../core/env.ts';
import { userNamed } from '../core/kube/user.ts';
import type { Replica } from '../core/replica/replica.ts';
import type { ConfigMap } from '../core/schema/generated/kinds.ts';
import type { Certificates } from './certificates.ts';

/** The certificate of the host's authority, where the root CA publisher takes it from for every namespace. */
export const authorityOf = ({ ca }: Certificates): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'kube-root-ca.crt', namespace: 'kube-system' },
  data: { 'ca.crt': ca },
});

/** Puts the authority that is in use now where an older one was: certificates are made anew in time, and with them their authority. */
export async function publishAuthority(replica: Replica, { certificates, env, admissionPlugins: plugins, ask }: AuthorityOptions): Promise<void> {
  const wanted = authorityOf(certificates);
  const actor = userNamed('system:apiserver');
  await inRounds<object>(
    (memory) =>
      replica.commit<object | Asking>((state, now) => {
        const published = state.get('configmaps', wanted.metadata.namespace, wanted.metadata.name);
        if (!published || published.data?.['ca.crt'] === certificates.ca) return { events: [], answer: () => ({}) };
        const decision = decide(state, update('configmaps', { ...published, data: wanted.data }), {
          env,
          now: memory.now(now),
          actor,
          plugins,
          answers: memory.answers,
        });
        return isAsking(decision) ? { events: [], answer: () => decision } : { events: decision.events, answer: () => ({}) };
      }),
    { ask, clock: env.clock, state: () => replica.state },
  );
}

interface AuthorityOptions {
  readonly certificates: Certificates;
  readonly env: Env;
  readonly admissionPlugins: readonly AdmissionPlugin[];
  readonly ask: AskPort;
}
