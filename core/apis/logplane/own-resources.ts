import type { ApiResource } from '../api-resource.ts';
import { bookmarks } from './bookmark.ts';
import { plans } from './plan.ts';

/** What every cluster serves besides what Kubernetes does, one kind a file. */
export const ownResources: readonly ApiResource[] = [bookmarks, plans];
