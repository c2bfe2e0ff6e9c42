import type { ApiResource } from '../apis/api-resource.ts';
import { clone, type KubeObject } from '../kube/object.ts';
import type { State } from '../state/state.ts';
import type { Asking, DecideContext } from './decision.ts';
import { Draft } from './draft.ts';
import { admit, mutate, type Stage, through } from './stages.ts';

/** Nothing is stored: admission alone has a say. */
const stages: readonly Stage<KubeObject | undefined>[] = [mutate, admit];

export interface Unstored {
  /** A connection (apiserver/pkg/endpoints/handlers/rest.go, ConnectResource), or what a subresource creates and keeps nothing of: a TokenRequest. */
  readonly operation: 'CONNECT' | 'CREATE';
  readonly resource: ApiResource;
  /** `exec`, `attach`, `portforward`, `proxy`, `token`, … */
  readonly subresource: string | undefined;
  readonly namespace: string | undefined;
  readonly name: string;
  /** What is to be created, of a kind of its own; none for a connection. */
  readonly object: KubeObject | undefined;
}

/** What has to be asked before it is admitted; once it is, the object as admission leaves it. Throws the Status that refuses it. */
export function admitUnstored(
  { object, ...unstored }: Unstored,
  context: DecideContext & { readonly state: State },
): Asking | { readonly object: KubeObject | undefined } {
  const draft = new Draft({ ...unstored, object: clone(object), old: undefined }, { ...context, further: [] });
  return through(stages, draft) ?? { object: draft.object };
}
