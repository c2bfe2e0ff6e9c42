/** meta/v1 Status */
export interface Status {
  readonly message: string;
  readonly reason?: string;
  readonly code: number;
  readonly details?: { readonly causes?: readonly { readonly field?: string; readonly message?: string }[] };
}
