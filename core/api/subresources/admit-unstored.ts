import { inRounds } from '../../decide/rounds.ts';
import { decideUnstored, type Unstored } from '../../decide/unstored.ts';
import type { KubeObject } from '../../kube/object.ts';
import { StatusError } from '../../kube/status.ts';
import type { State } from '../../state/state.ts';
import type { ReadCall } from '../call.ts';
import { optionsForPlugins } from '../query/write-options.ts';

interface Sent<T extends KubeObject> extends Pick<Unstored, 'operation'> {
  readonly object: T;
  readonly prepare?: (object: T) => T;
  readonly dryRun?: boolean;
}

/** What admission, and its kind, leave of a request of which nothing is stored. Throws the Status that refuses it. */
export async function admitUnstored<T extends KubeObject>(call: ReadCall, { object, dryRun = false, ...sent }: Sent<T>, state: State): Promise<T> {
  const { target, info, api, user, replica, query, warnings, audit } = call;
  const { env, admissionPlugins: plugins, ask } = api;
  const { namespace, subresource } = info;
  // In a collection it is the object that has a name; what a connection says of itself has none.
  const name = info.name ?? object.metadata?.name ?? '';
  const now = replica.now();
  const options = optionsForPlugins(query, { dryRun });
  const context = { state, now, actor: user, plugins, options, dryRun, version: target.version.version, ...(audit && { annotate: audit.annotate }) };
  const of = { ...(sent as Omit<Unstored, 'object'>), object, resource: target.storage, subresource, namespace, name };
  try {
    const admitted = await inRounds(async (memory) => decideUnstored(of, { ...context, env: memory.env(0, env), answers: memory.answers }), {
      ask,
      clock: env.clock,
      state: () => replica.state,
    });
    warnings.push(...admitted.warnings);
    return admitted.object as T;
  } catch (error) {
    if (error instanceof StatusError) warnings.push(...error.warnings);
    throw error;
  }
}
