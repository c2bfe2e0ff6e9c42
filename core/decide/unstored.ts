import type { ApiResource } from '../apis/api-resource.ts';
import { clone, type KubeObject } from '../kube/object.ts';
import type { State } from '../state/state.ts';
import type { Asking, DecideContext } from './decision.ts';
import { Draft } from './draft.ts';
import { admit, mutate, type Stage, through } from './stages.ts';

export interface Unstored {
  readonly operation: 'CREATE' | 'CONNECT';
  readonly resource: ApiResource;
  /** `token`, `exec`, `attach`, `portforward`, `proxy`, … */
  readonly subresource: string | undefined;
  readonly namespace: string | undefined;
  readonly name: string;
  /** What is sent: of a connection, what its query says. */
  readonly object: KubeObject;
  /** What its kind makes of it, and demands of it, before it is judged: what the `Create` of a REST storage does up to its `createValidation`. Throws the Status that refuses it. */
  readonly prepare?: (object: KubeObject) => KubeObject;
}

export interface Admitted {
  readonly object: KubeObject;
  readonly warnings: readonly string[];
}

/**
 * A request of which nothing is stored: admission and its kind alone have a say (apiserver/pkg/endpoints/handlers/rest.go, ConnectResource; create.go for what a kind only
 * answers). What has to be asked before it is admitted, or what admission leaves of it. Throws the Status that refuses it.
 */
export function decideUnstored({ prepare = asItIs, ...of }: Unstored, context: DecideContext & { readonly state: State }): Asking | Admitted {
  const draft = new Draft<KubeObject | undefined>({ ...of, object: clone(of.object), old: undefined }, { ...context, further: [] });
  const prepared: Stage<KubeObject | undefined> = () => {
    draft.object = prepare(draft.object!);
  };
  const stages = [mutate, prepared, admit];
  return through(stages, draft) ?? { object: draft.object!, warnings: draft.warnings };
}

const asItIs = (object: KubeObject): KubeObject => object;
