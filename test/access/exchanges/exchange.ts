/** A single request, and what it is answered. `as`: a user of `identities.ts`, whom the administrator impersonates, or by `account` a service account of a with a token of its own. */
export interface Exchange {
  readonly name: string;
  readonly as?: string;
  readonly account?: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly request: string;
  readonly type?: string;
  readonly body?: object;
  readonly code: number;
  readonly message?: string;
  readonly status?: object;
}

export const APPLY = 'application/apply-patch+yaml';
export const MERGE = 'application/merge-patch+json';
