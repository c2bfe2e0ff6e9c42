import { decideConnect } from '../../decide/connect.ts';
import { inRounds } from '../../decide/rounds.ts';
import { badRequest, notFound } from '../../kube/status.ts';
import type { Pod } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { notImplemented } from '../answers/failures.ts';
import type { ReadCall } from '../call.ts';
import { stateFor } from '../request/reading.ts';

/**
 * What leads to a node and the processes on it: log, exec, attach, portforward, proxy. The nodes are simulated and their containers produce nothing yet.
 * Throws 404 when there is no such object, 400 when there is no such container, 501 otherwise.
 */
export async function connect(call: ReadCall): Promise<never> {
  const { target, info, query } = call;
  const state = await stateFor(call, { atLeast: undefined });
  const object = state.get(target.storage.groupResource, info.namespace, info.name!);
  if (!object) throw notFound(target.resource, info.name!);
  const container = query.get('container');
  const pod = target.resource.groupResource === 'pods' ? state.get('pods', info.namespace, info.name!) : undefined;
  if (container && pod && !containersOf(pod).includes(container)) {
    throw badRequest(`container ${container} is not valid for pod ${info.name}`);
  }
  // A log is read, not connected to.
  if (info.subresource !== 'log') await admitConnection(call, state);
  throw notImplemented(`${info.subresource} of ${target.resource.resource} is not supported by this cluster's nodes`);
}

/** Throws 403. */
async function admitConnection({ target, info, api, user, query, replica }: ReadCall, state: State): Promise<void> {
  const connection = { resource: target.storage, subresource: info.subresource, namespace: info.namespace, name: info.name! };
  const { env, admissionPlugins: plugins, ask } = api;
  const now = replica.now();
  const options = Object.fromEntries([...query.keys()].map((name) => [name, query.getAll(name)]));
  await inRounds(
    async ({ answers }) => decideConnect(connection, { state, env, now, actor: user, plugins, options, version: target.version.version, answers }),
    {
      ask,
      clock: env.clock,
      state: () => replica.state,
    },
  );
}

function containersOf({ spec }: Pod): string[] {
  return [spec?.containers, spec?.initContainers, spec?.ephemeralContainers].flatMap((list) => list?.map(({ name }) => name) ?? []);
}
