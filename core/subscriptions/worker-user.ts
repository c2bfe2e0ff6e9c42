import { userNamed } from '../kube/user.ts';

/** Who keeps account of what was delivered. */
export const WORKER = userNamed('system:logplane:subscriptions');
