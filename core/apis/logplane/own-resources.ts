import type { ApiResource } from '../api-resource.ts';
import { bookmarks } from './bookmark.ts';
import { clusterRestores, restores } from './restore.ts';
import { transactions } from './transaction.ts';
import { clusterUndos, undos } from './undo.ts';

/** What every cluster serves besides what Kubernetes does, one kind a file. */
export const ownResources: readonly ApiResource[] = [bookmarks, clusterRestores, clusterUndos, restores, transactions, undos];
