/** What is dialled: a name or an address. */
export interface Address {
  readonly host: string;
  readonly port: number;
}
