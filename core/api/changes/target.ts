import type { KubeObject } from '../../kube/object.ts';
import type { Target } from '../request/target.ts';

/** Changes are made as they are shown: there is no version to bring them into, and nothing of them to complete. */
export const asShown = (target: Target): Target => ({ ...target, table: target.version.table!, fromStorage: same, textFromStorage: JSON.stringify });

const same = (object: KubeObject): KubeObject => object;
