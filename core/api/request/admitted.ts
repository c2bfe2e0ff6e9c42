import { admitUnstored } from '../../decide/admit-unstored.ts';
import { inRounds } from '../../decide/rounds.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { State } from '../../state/state.ts';
import type { ReadCall } from '../call.ts';

/** Lets admission have its say of a connection (apiserver/pkg/endpoints/handlers/rest.go, ConnectResource). Throws 403. */
export async function admitConnection(call: ReadCall, state: State): Promise<void> {
  await admit(call, state, { operation: 'CONNECT', object: undefined, options: Object.fromEntries(call.query) });
}

/** What a subresource is asked to create and keeps nothing of, as admission leaves it. Throws 403. */
export async function admittedCreation<O extends KubeObject>(call: ReadCall, state: State, object: O, { dryRun }: { dryRun: boolean }): Promise<O> {
  return (await admit(call, state, { operation: 'CREATE', object, dryRun })) as O;
}

async function admit(
  { target, info, api, user, replica, audit }: ReadCall,
  state: State,
  {
    operation,
    object,
    ...how
  }: { operation: 'CONNECT' | 'CREATE'; object: KubeObject | undefined; options?: Readonly<Record<string, string>>; dryRun?: boolean },
): Promise<KubeObject | undefined> {
  const unstored = { operation, resource: target.storage, subresource: info.subresource, namespace: info.namespace, name: info.name!, object };
  const { env, admissionPlugins: plugins, ask } = api;
  const now = replica.now();
  const done = await inRounds(
    async ({ answers }) => admitUnstored(unstored, { state, env, now, actor: user, plugins, version: target.version.version, answers, ...(audit && { annotate: audit.annotate }), ...how }),
    {
      ask,
      clock: env.clock,
      state: () => replica.state,
    },
  );
  return done.object;
}
