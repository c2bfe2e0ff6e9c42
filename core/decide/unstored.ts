import type { ApiResource } from '../apis/api-resource.ts';
import type { KubeObject } from '../kube/object.ts';
import type { State } from '../state/state.ts';
import type { Asking, DecideContext } from './decision.ts';
import { Draft } from './draft.ts';
import { admit, mutate, type Stage, through } from './stages.ts';

/** A request of which nothing is stored: admission alone has a say (apiserver/pkg/endpoints/handlers/rest.go, ConnectResource; create.go for what a kind only answers). */
const stages: readonly Stage<KubeObject | undefined>[] = [mutate, admit];

export interface Unstored {
  readonly operation: 'CREATE' | 'CONNECT';
  readonly resource: ApiResource;
  /** `token`, `exec`, `attach`, `portforward`, `proxy`, … */
  readonly subresource: string | undefined;
  readonly namespace: string | undefined;
  readonly name: string;
  /** What is sent: of a connection, what its query says. */
  readonly object: KubeObject;
}

export interface Admitted {
  readonly object: KubeObject;
  readonly warnings: readonly string[];
}

/** What has to be asked before it is admitted, or what admission leaves of it. Throws the Status that refuses it. */
export function decideUnstored(of: Unstored, context: DecideContext & { readonly state: State }): Asking | Admitted {
  const draft = new Draft<KubeObject | undefined>({ ...of, old: undefined }, { ...context, further: [] });
  return through(stages, draft) ?? { object: draft.object!, warnings: draft.warnings };
}
