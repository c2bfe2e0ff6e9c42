import type { ApiResource } from '../api-resource.ts';
import { bookmarks } from './bookmark.ts';
import { changes } from './change.ts';
import { clusterSubscriptions, subscriptions } from './subscription.ts';

/** What every cluster serves besides what Kubernetes does, one kind a file. */
export const ownResources: readonly ApiResource[] = [bookmarks, changes, clusterSubscriptions, subscriptions];
