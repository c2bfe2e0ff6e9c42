/** A change as the API tells of it (docs/history.md). */
export interface ChangeHead {
  readonly offset: number;
  readonly time: string;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly what: string;
  readonly actor: { readonly username: string; readonly groups?: readonly string[] };
  readonly cause?: number;
}

export interface WholeChange extends ChangeHead {
  readonly object: { readonly resource: string; readonly kind?: string; readonly namespace?: string; readonly name: string };
  readonly manager?: { readonly name?: string; readonly operation?: string; readonly subresource?: string };
  readonly entry?: { readonly offset: number; readonly events: number };
  readonly differences?: readonly { readonly path: string; readonly from?: unknown; readonly to?: unknown }[];
  readonly causes?: readonly Cause[];
  readonly placement?: {
    readonly filtered?: readonly { readonly plugin: string; readonly reason: string; readonly nodes: number }[];
    readonly best?: readonly { readonly node: string; readonly score: number }[];
  };
}

export interface Cause {
  readonly offset: number;
  readonly time?: string;
  readonly type?: ChangeHead['type'];
  readonly object?: string;
  readonly namespace?: string;
  readonly actor?: string;
  readonly what?: string;
}

/** Of a namespace; without one, of the whole cluster. */
export const changesPath = (namespace: string | undefined): string =>
  `/apis/logplane.dev/v1/${namespace === undefined ? '' : `namespaces/${encodeURIComponent(namespace)}/`}changes`;

/** One change: its namespace does not matter, but there has to be one. */
export const changePath = (offset: number, namespace: string | undefined): string => `${changesPath(namespace ?? 'default')}/${offset}`;

/** Controllers are known by their own names. */
export const shortActor = (username: string): string => username.replace(/^system:serviceaccount:kube-system:/, '');
