import { inRounds } from '../../decide/rounds.ts';
import { decideUnstored, type Unstored } from '../../decide/unstored.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { State } from '../../state/state.ts';
import type { ReadCall } from '../call.ts';

interface Sent extends Pick<Unstored, 'operation' | 'object'> {
  readonly options: Readonly<Record<string, unknown>>;
  readonly dryRun?: boolean;
}

/** What admission leaves of a request of which nothing is stored. Throws the Status that refuses it. */
export async function admitUnstored<T extends KubeObject>(call: ReadCall, { operation, object, options, dryRun = false }: Sent, state: State): Promise<T> {
  const { target, info, api, user, replica, warnings, audit } = call;
  const { env, admissionPlugins: plugins, ask } = api;
  const { namespace, subresource, name = '' } = info;
  const now = replica.now();
  const context = { state, now, actor: user, plugins, options, dryRun, version: target.version.version, ...(audit && { annotate: audit.annotate }) };
  const admitted = await inRounds(
    async (memory) =>
      decideUnstored(
        { operation, object, resource: target.storage, subresource, namespace, name },
        { ...context, env: memory.env(0, env), answers: memory.answers },
      ),
    { ask, clock: env.clock, state: () => replica.state },
  );
  warnings.push(...admitted.warnings);
  return admitted.object as T;
}
