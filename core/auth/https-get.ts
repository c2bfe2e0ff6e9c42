/**
 * The host's side of asking others who somebody is: a GET over HTTPS, without redirects, proxies or addresses that are nobody's business (`core/webhooks/https-get.ts`). Resolves with
 * the answer, whatever its status; rejects when there is none in time, or one that is too large.
 */
export type HttpsGet = (wanted: Wanted) => Promise<Got>;

export interface Wanted {
  /** `https://…`: its path and query are sent to the letter. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The only authorities that are trusted, PEM; undefined: those of the system. */
  readonly ca?: string | undefined;
  /** Of the answer. */
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

export interface Got {
  readonly status: number;
  readonly body: Uint8Array;
}
