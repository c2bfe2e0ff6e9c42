import type { ApiResource } from '../api-resource.ts';
import { bookmarks } from './bookmark.ts';
import { changes } from './change.ts';
import { plans } from './plan.ts';
import { clusterRestores, restores } from './restore.ts';
import { clusterSubscriptions, subscriptions } from './subscription.ts';
import { transactions } from './transaction.ts';
import { clusterUndos, undos } from './undo.ts';

/** What every cluster serves besides what Kubernetes does, one kind a file. */
export const ownResources: readonly ApiResource[] = [
  bookmarks,
  changes,
  clusterRestores,
  clusterSubscriptions,
  clusterUndos,
  plans,
  restores,
  subscriptions,
  transactions,
  undos,
];
