import { kindAt } from '../../admission/matching/requested.ts';
import { badRequest, notFound } from '../../kube/status.ts';
import type { Pod } from '../../schema/generated/kinds.ts';
import { notImplemented } from '../answers/failures.ts';
import type { ReadCall } from '../call.ts';
import { stateFor } from '../request/reading.ts';
import { admitUnstored } from './admit-unstored.ts';
import { connectionOptions } from './connection-options.ts';

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
  if (info.subresource !== 'log') {
    const { kind } = kindAt(target.resource, { version: target.version.version, subresource: info.subresource! });
    await admitUnstored(call, { operation: 'CONNECT', object: connectionOptions(kind, query, query.get('path') ?? undefined), options: {} }, state);
  }
  throw notImplemented(`${info.subresource} of ${target.resource.resource} is not supported by this cluster's nodes`);
}

function containersOf({ spec }: Pod): string[] {
  return [spec?.containers, spec?.initContainers, spec?.ephemeralContainers].flatMap((list) => list?.map(({ name }) => name) ?? []);
}
