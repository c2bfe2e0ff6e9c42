/** Where clients find this server. */
export interface Endpoint {
  readonly url: string;
  /** Of the authority that signed its certificate, PEM; none: one that everybody knows. */
  readonly ca?: string;
}
