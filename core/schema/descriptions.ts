import { brotliDecompressSync } from 'node:zlib';

/** What a type is for, and each of its fields, in the words of the Kubernetes API; and what nothing but its OpenAPI says of them. */
export interface Description {
  readonly description?: string;
  readonly fields?: Readonly<Record<string, string>>;
  /** By field: the values that it may have. */
  readonly enums?: Readonly<Record<string, readonly string[]>>;
  /** By field: what the server fills in, where that is not the zero of what is always there. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  /** The required fields in Kubernetes' order. */
  readonly required?: readonly string[];
  /** `x-kubernetes-unions` */
  readonly unions?: readonly unknown[];
}

/**
 * The descriptions of all types, by OpenAPI definition. They are read at the first call and stay in memory as long as a request holds them: some
 * 1.2 MB, which few requests need (`kubectl explain`, OpenAPI).
 */
export async function loadDescriptions(): Promise<Readonly<Record<string, Description>>> {
  const known = loaded?.deref();
  if (known) return known;
  const { default: compressed } = await import('./generated/descriptions.ts');
  const descriptions: Record<string, Description> = JSON.parse(brotliDecompressSync(Buffer.from(compressed, 'base64')).toString());
  loaded = new WeakRef(descriptions);
  return descriptions;
}

let loaded: WeakRef<Readonly<Record<string, Description>>> | undefined;
