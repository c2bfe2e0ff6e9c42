import { type ClusterInstant, clusterInstant } from '../../instant.ts';

/** `--horizontal-pod-autoscaler-sync-period`: how often an autoscaler looks, in ms. All of a cluster look together, so that what they find is one entry of the log. */
export const TICK = 15_000;

/** The next look after a moment. */
export const tickAfter = (now: ClusterInstant): ClusterInstant => clusterInstant((Math.floor(now / TICK) + 1) * TICK);

/** The first look at or after a moment. */
export const tickAt = (moment: ClusterInstant): ClusterInstant => clusterInstant(Math.ceil(moment / TICK) * TICK);
