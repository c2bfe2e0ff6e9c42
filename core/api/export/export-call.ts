import type { AuthorizedCall } from '../call.ts';
import type { ResourceRequest } from '../request/request-info.ts';

/** A request for an export: there is no resource behind its path. */
export type ExportCall = AuthorizedCall & { readonly info: ResourceRequest };
