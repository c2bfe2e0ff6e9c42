import type { ApiResource } from '../apis/api-resource.ts';
import type { KubeObject } from '../kube/object.ts';
import type { State } from '../state/state.ts';
import type { Asking, DecideContext } from './decision.ts';
import { Draft } from './draft.ts';
import { admit, mutate, type Stage, through } from './stages.ts';

/** Nothing is stored of a connection: admission alone has a say (apiserver/pkg/endpoints/handlers/rest.go, ConnectResource). */
const stages: readonly Stage<KubeObject | undefined>[] = [mutate, admit];

export interface Connection {
  readonly resource: ApiResource;
  /** `exec`, `attach`, `portforward`, `proxy`, … */
  readonly subresource: string | undefined;
  readonly namespace: string | undefined;
  readonly name: string;
}

/** What has to be asked before a connection is admitted; `{}` once it is. Throws the Status that refuses it. */
export function decideConnect(connection: Connection, context: DecideContext & { readonly state: State }): Asking | Record<never, never> {
  const draft = new Draft({ operation: 'CONNECT', ...connection, object: undefined, old: undefined }, { ...context, further: [] });
  return through(stages, draft) ?? {};
}
