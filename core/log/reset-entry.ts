import { type Key, keyOf } from '../kube/object.ts';
import type { LogEvent } from './event.ts';

/** Of the first event of an entry with which a cluster goes back to what it was (replica/cluster-reset.ts). */
export const RESET_KEY: Key = keyOf('clusterresets', undefined, 'cluster');

export const isReset = ({ key }: LogEvent): boolean => key === RESET_KEY;
