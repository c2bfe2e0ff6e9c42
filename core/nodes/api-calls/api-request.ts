import type { GroupResource, KubeObject } from '../../kube/object.ts';
import type { Sync } from '../sync.ts';

/** What a program wants of the API. */
export type ApiRequest =
  | { readonly verb: 'create'; readonly resource: GroupResource; readonly object: KubeObject; readonly ifAbsent?: boolean }
  | { readonly verb: 'get' | 'delete'; readonly resource: GroupResource; readonly name: string; readonly namespace: string; readonly ignoreNotFound?: boolean }
  | {
      readonly verb: 'patch';
      readonly resource: GroupResource;
      readonly name: string;
      readonly namespace: string;
      readonly change: (object: KubeObject) => KubeObject;
    };

/** What a program is told of where it runs. */
export interface Caller {
  readonly namespace: string;
  readonly sync: Pick<Sync, 'env' | 'now' | 'state'>;
}
