import { kindAt } from '../../admission/matching/requested.ts';
import { clusterAuthorizer } from '../../auth/cluster-authorizer.ts';
import { badRequest, forbidden, notFound } from '../../kube/status.ts';
import type { Pod } from '../../schema/generated/kinds.ts';
import { notImplemented } from '../answers/failures.ts';
import type { ReadCall } from '../call.ts';
import { stateFor } from '../request/reading.ts';
import { admitUnstored } from './admit-unstored.ts';
import { connectionOptions } from './connection-options.ts';

/**
 * What leads to a node and the processes on it: log, exec, attach, portforward, proxy. The nodes are simulated and their containers produce nothing yet.
 * Throws 403 for who may only read, 404 when there is no such object, 400 when there is no such container, 501 otherwise.
 */
export async function connect(call: ReadCall): Promise<never> {
  const { target, info, query } = call;
  checkMayCreate(call);
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
    await admitUnstored(call, { operation: 'CONNECT', object: connectionOptions(kind, query, query.get('path') ?? undefined) }, state);
  }
  throw notImplemented(
    `${info.subresource} of ${target.resource.resource} is not supported by this cluster's nodes: containers are simulated, and nothing is executed`,
  );
}

/** A WebSocket is opened by a GET, and does what a POST does (pkg/registry/core/pod/rest/authorize.go). Throws 403. */
function checkMayCreate({ target, info, attributes, state }: ReadCall): void {
  if (target.resource.groupResource !== 'pods' || !RUNNING.has(info.subresource ?? '') || attributes.verb === 'create') return;
  const { allowed, reason = '' } = clusterAuthorizer.authorize({ ...attributes, verb: 'create' }, state);
  if (!allowed) throw forbidden(target.resource, info.name!, reason);
}

const RUNNING: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward']);

function containersOf({ spec }: Pod): string[] {
  return [spec?.containers, spec?.initContainers, spec?.ephemeralContainers].flatMap((list) => list?.map(({ name }) => name) ?? []);
}
